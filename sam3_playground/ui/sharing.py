"""A public link to the server, through Gradio's tunnel."""

from __future__ import annotations

import ipaddress
import secrets
import threading
from urllib.parse import urlsplit

import httpx
from gradio import networking
from gradio.exceptions import ChecksumMismatchError, ShareCertificateWriteError

from sam3_playground.config import Settings
from sam3_playground.console import say
from sam3_playground.errors import ShareError
from sam3_playground.server.hosts import TrustedHosts


def share_behind(hosts: TrustedHosts, settings: Settings, *, host: str, port: int) -> None:
    """Get the link while the server answers already, and say it, or why there is none.

    Args:
        hosts: Names under which the server may be asked; the link's own is added.
        settings: What is closed.
        host: The address that is listened on.
        port: The port.
    """

    def share() -> None:
        try:
            link = open_tunnel(host, port)
        except ShareError as error:
            say(f"error: {error}")
            return
        hosts.add(urlsplit(link).hostname or "")
        say(f"shared with all who know the link, for up to a week: {link}{settings.root_path}/")
        for line in exposed(settings):
            say(f"  {line}")

    # A tunnel takes up to a minute; it is no reason to hold up the end of the server.
    threading.Thread(target=share, name="share", daemon=True).start()


def exposed(settings: Settings) -> tuple[str, str]:
    """What somebody finds behind the link, in words: the page, and the API."""
    page = "for those who have a login (--auth)" if settings.auth else "OPEN TO ALL (--auth)"
    keys = "for those who have a key (--api-keys)" if settings.api_keys else f"as the page: {page}"
    return f"page: {page}", f"REST API: {keys}"


def open_tunnel(host: str, port: int) -> str:
    """A link that leads to a port of this machine until the process ends.

    Args:
        host: The address that is listened on.
        port: The port.

    Raises:
        ShareError: There is none, and why.
    """
    everywhere = ipaddress.ip_address(host.partition("%")[0]).is_unspecified
    try:
        link = networking.setup_tunnel(
            local_host="127.0.0.1" if everywhere else host,
            local_port=port,
            share_token=secrets.token_urlsafe(32),
            share_server_address=None,
            share_server_tls_certificate=None,
        )
    except ChecksumMismatchError as error:
        raise _none("the tunnel's program is not the one that Gradio expects") from error
    except ShareCertificateWriteError as error:
        raise _none("the folder that it was started in cannot be written to") from error
    except httpx.HTTPError as error:
        raise _none("the tunnel's program could not be fetched") from error
    except OSError as error:
        raise _none("the tunnel's program cannot be had or run here") from error
    except RuntimeError as error:
        raise _none("Gradio's server for links was not reached, or did not answer") from error
    except ValueError as error:
        raise _none("the tunnel did not open") from error
    return str(urlsplit(link)._replace(scheme="https").geturl())


def _none(reason: str) -> ShareError:
    return ShareError(f"expected a public link, got none: {reason}. The server goes on without it")
