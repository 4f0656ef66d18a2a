"""Images by URL, fetched so that nobody reaches the server's own network through it.

Each connection, of a redirect too, resolves its host once, checks every address that came
back and connects to such an address itself: there is no second look-up that could answer
differently. However a host is spelled, it is its addresses that are judged.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from typing import Any

import anyio
import httpcore
import httpx

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images.addresses import is_public
from sam3_playground.images.urls import no_web_url, web_url

MAX_REDIRECTS = 3
TOTAL_SECONDS = 20.0

_REDIRECTS = {301, 302, 303, 307, 308}
# What httpcore raises, and what it means; the first that fits.
_FAULTS: dict[type[Exception], str] = {
    httpcore.TimeoutException: "it took too long",
    httpcore.ConnectError: "no connection could be made",
    httpcore.NetworkError: "the connection broke off",
    httpcore.ProtocolError: "what answers there speaks no HTTP",
    httpcore.UnsupportedProtocol: "what answers there speaks no HTTP",
    httpcore.ConnectionNotAvailable: "no connection could be made",
}
_FETCHING_ERRORS: tuple[type[Exception], ...] = (*_FAULTS, OSError)

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as text.

    Raises:
        OSError: It has none.
    """
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connections to public addresses, and to hosts that the server's owner allows.

    Args:
        allowed_hosts: Names in lower case, or addresses as they stand in a URL.
        resolve: Host and port to addresses.
        backend: What opens the connections.
    """

    def __init__(
        self,
        allowed_hosts: Collection[str] = (),
        *,
        resolve: Resolve = resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's addresses, once all of them have been checked."""
        refusal: Exception = ConnectionError()
        for address in await self._checked_addresses(host, port):
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:  # noqa: PERF203 (the next address is tried)
                refusal = error
        raise refusal

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's retries."""
        await self._backend.sleep(seconds)

    async def _checked_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, ValueError, OverflowError) as error:  # UnicodeError is a ValueError
            raise _no_public_host() from error
        allowed = host.lower().rstrip(".") in self._allowed_hosts
        if not addresses or not (allowed or all(map(_is_public_text, addresses))):
            raise _no_public_host()
        return addresses


def _is_public_text(address: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(address))
    except ValueError:
        return False


def _no_public_host() -> InvalidImageError:
    """One sentence for names that nobody knows and for those of the server's own network."""
    return InvalidImageError(
        "expected the URL of a public host, got one that is not known or not public; "
        "the server's owner can allow hosts (SAM3_ALLOWED_HOSTS)"
    )


class ImageFetcher:
    """Files by URL.

    Args:
        max_bytes: Longer answers are refused, before or while they come.
        allowed_hosts: Hosts that may have private addresses.
        seconds: For everything together: look-ups, redirects, the whole answer.
        backend: What opens connections; None guards them.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        allowed_hosts: Collection[str] = (),
        seconds: float = TOTAL_SECONDS,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._backend = backend or GuardedBackend(allowed_hosts)
        self._tls = httpx.create_ssl_context()

    async def fetch(self, url: str) -> bytes:
        """The file behind a URL.

        Raises:
            InvalidImageError: Not an http(s) URL, not a public host, too many redirects, no
                answer in time, or one that is not a success.
            ImageTooLargeError: More than `max_bytes`.
        """
        try:
            with anyio.fail_after(self._seconds):
                return await self._follow(url)
        except TimeoutError as error:
            raise InvalidImageError(
                f"expected an image within {self._seconds:g} seconds, got a URL that takes longer"
            ) from error
        except _FETCHING_ERRORS as error:
            raise InvalidImageError(
                f"expected a URL that can be fetched, got one that fails: {_reason(error)}"
            ) from error
        except ValueError as error:  # a name or a header that the libraries do not take
            raise no_web_url() from error

    async def _follow(self, url: str) -> bytes:
        target = web_url(url)
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._tls, network_backend=self._backend
        ) as pool:
            for _ in range(MAX_REDIRECTS + 1):
                found = await self._get(pool, target)
                if isinstance(found, bytes):
                    return found
                target = web_url(found, base=target)
        raise InvalidImageError(f"expected at most {MAX_REDIRECTS} redirects, got more")

    async def _get(self, pool: httpcore.AsyncConnectionPool, url: httpx.URL) -> bytes | str:
        """The body, or where the server sends us."""
        headers = [
            (b"Host", url.netloc),
            (b"Accept", b"image/*"),
            (b"User-Agent", b"sam3-playground"),
        ]
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        async with pool.stream(
            "GET", target, headers=headers, extensions={"timeout": timeouts}
        ) as answer:
            fields = {name.lower(): value for name, value in answer.headers}
            if answer.status in _REDIRECTS and b"location" in fields:
                return fields[b"location"].decode("latin-1")
            if not 200 <= answer.status < 300:
                raise InvalidImageError(
                    f"expected a URL that answers with an image, got status {answer.status}"
                )
            length = fields.get(b"content-length", b"")
            if length.isdigit() and int(length) > self._max_bytes:
                raise self._too_large()
            body = bytearray()
            async for chunk in answer.aiter_stream():
                body += chunk
                if len(body) > self._max_bytes:
                    raise self._too_large()
            return bytes(body)

    def _too_large(self) -> ImageTooLargeError:
        return ImageTooLargeError(
            f"expected an image file of at most {self._max_bytes:,} bytes, got a larger one"
        )


def _reason(error: BaseException) -> str:
    """Why a connection failed, in words."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not valid"
        if isinstance(cause, ssl.SSLError):
            return "no secure connection could be made"
    return next(
        (words for kind, words in _FAULTS.items() if isinstance(error, kind)),
        "no connection could be made",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
