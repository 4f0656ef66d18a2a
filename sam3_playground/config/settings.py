"""What an installation decides, as opposed to a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sam3_playground.config.described import SETTINGS, Setting
from sam3_playground.config.environment import (
    FILE_VARIABLE,
    default_host,
    folder_on_space,
    on_space,
    own_environment,
)
from sam3_playground.config.file import Given, read_file
from sam3_playground.config.readers import EVERYBODY, MEBIBYTE
from sam3_playground.errors import InvalidInputError


@dataclass(frozen=True)
class Settings:
    """What an installation decides, as opposed to a request.

    Attributes:
        weights: Checkpoint file, hub id or "tiny"; None takes the best that can be had.
        weights_folder: Where fetched weights go that are not the hub's, and where `weights` may
            name files; None takes `weights.places`' default.
        click_weights: Where else the click head comes from, as weights; None takes their own.
        device: A torch device such as "cpu" or "cuda:0"; None takes the best there is.
        cache_bytes: The most that kept image embeddings may take; 0 keeps none.
        page_bytes: The most that the page may keep for all its visitors; 0 keeps nothing.
        max_pixels: The most pixels (width x height) that an image may have, and all images
            together while they are decoded.
        api_keys: Keys that the REST API accepts; empty lets everybody in.
        auth: Logins, USER:PASSWORD, that open the page, and the API where it has no keys; empty
            lets everybody in.
        allowed_hosts: Hosts that image URLs may name although their addresses are private,
            in lower case.
        max_image_bytes: The most bytes that an image file may have in a request or behind
            a URL.
        max_waiting: Requests that the REST API holds at once, and asks of the page that wait;
            more are sent away.
        cpu_bfloat16: Whether a CPU encodes images in bfloat16; None where that pays.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        root_path: The path that a proxy has for the server, as "/sam3"; "" for none.
        trusted_hosts: Names under which the server may be asked, besides loopback names;
            `*.example.com` for all under one, `*` for all.
        trusted_proxies: Networks of the proxies whose word on a client is taken; `*` for all.
        mcp: Whether models find tools at /mcp.
        share: Whether the server gets a public link.
        log_level: The least level that is noted, as `logging` calls it, in lower case.
        access_log: Whether each request is noted in one line.
        zero_gpu: Whether this is a Space on ZeroGPU: a GPU is there only while a call lasts.
        manage_weights: Whether all who reach the page may change its weights; None lets those
            at the server's own machine. On a Space nobody may.
    """

    weights: str | None = None
    weights_folder: Path | None = None
    click_weights: str | None = None
    device: str | None = None
    cache_bytes: int = 1024 * MEBIBYTE
    page_bytes: int = 768 * MEBIBYTE
    max_pixels: int = 100_000_000
    api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    auth: frozenset[str] = field(default=frozenset(), repr=False)
    allowed_hosts: frozenset[str] = frozenset()
    max_image_bytes: int = 32 * MEBIBYTE
    max_waiting: int = 32
    cpu_bfloat16: bool | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    trusted_hosts: frozenset[str] = frozenset()
    trusted_proxies: frozenset[str] = frozenset({"127.0.0.0/8", "::1/128"})
    mcp: bool = False
    share: bool = False
    log_level: str = "info"
    access_log: bool = False
    manage_weights: bool | None = None
    zero_gpu: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment, and the file that it names, ask for.

        Args:
            environment: Names to values; None takes the process's own.

        Raises:
            InvalidInputError: A variable, or a line of the file, that does not hold what it
                should.
        """
        return cls.read({}, environment=environment)

    @classmethod
    def read(
        cls,
        flags: Mapping[str, Given],
        *,
        file: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """The settings that flags, the environment and a file ask for, in this order.

        `SETTINGS` has them all; a variable or a line without a value counts as unset. On a
        Hugging Face Space, which sets SPACE_ID and SYSTEM=spaces, every address is listened on,
        every host name and proxy is trusted, and nobody may change the weights: it is public by
        design; what is fetched goes to its persistent disk, if it has one, and SPACES_ZERO_GPU
        says whether it has ZeroGPU. The hub's own variables, such as HF_TOKEN, are
        huggingface_hub's business.

        Args:
            flags: What was given on the command line, by keys of settings.
            file: The file of settings; None takes the one that SAM3_CONFIG names, if any.
            environment: Names to values; None takes the process's own.

        Raises:
            InvalidInputError: Something that does not hold what it should; no file.
        """
        source = own_environment() if environment is None else environment
        values = {name: value.strip() for name, value in source.items() if value.strip()}
        if file is None and FILE_VARIABLE in values:
            file = Path(values[FILE_VARIABLE])
        in_file = {} if file is None else read_file(file)
        found: dict[str, Any] = {}
        for setting in SETTINGS:
            given = _given(setting, flags, values, in_file, file)
            if given is not None:
                found[setting.field] = setting.read(*given)
        if on_space(values):
            if found.get("share"):
                raise InvalidInputError("expected no share on a Space, which has a public link")
            found["manage_weights"] = False
            found.setdefault("host", default_host(values))
            found.setdefault("trusted_hosts", frozenset({EVERYBODY}))
            found.setdefault("trusted_proxies", frozenset({EVERYBODY}))
            found.setdefault("weights_folder", folder_on_space(values))
        # As the package `spaces` reads it.
        zero_gpu = values.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}
        return cls(**found, zero_gpu=zero_gpu)


def _given(
    setting: Setting,
    flags: Mapping[str, Given],
    variables: Mapping[str, str],
    in_file: Mapping[str, Given],
    file: Path | None,
) -> tuple[str, Given] | None:
    """What was written for a setting where it counts most, after the name it has there."""
    if setting.key in flags:
        return setting.flag, _clean(setting, flags[setting.key])
    written: list[tuple[str, Given | None]]
    written = [(name, variables.get(name)) for name in setting.all_variables]
    written.append((f"{setting.key} in {file}", in_file.get(setting.key)))
    for name, given in written:
        clean = _clean(setting, given or "")
        if clean:
            return name, clean
    return None


def _clean(setting: Setting, given: Given) -> Given:
    if not setting.many:
        return str(given).strip()
    # Commas part what stands in one text; a list may hold passwords with commas.
    if isinstance(given, str) or not setting.secret:
        texts = [given] if isinstance(given, str) else given
        given = [part for text in texts for part in text.split(",")]
    return [entry.strip() for entry in given if entry.strip()]
