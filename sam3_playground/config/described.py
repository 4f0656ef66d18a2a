"""Every setting, described once: flags, variables, keys of the file and the README follow.

A setting `cache_mb` is `--cache-mb` on the command line, `SAM3_CACHE_MB` in the environment and
`cache_mb` in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sam3_playground.config import readers


@dataclass(frozen=True)
class Setting:
    """One setting, as an installation may decide it.

    Attributes:
        key: Its name in the file.
        field: What it is in `Settings`.
        read: From its name, as whoever wrote it knows it, and what they wrote, to its value.
        meaning: What it does, in Markdown.
        default: What holds where nobody decides, in Markdown.
        many: Whether it has several entries; `read` is given a list of them.
        switch: Whether it is on or off: a flag without a value.
        secret: Whether its value is nobody's business, so that it is never shown.
        variables: Its variables of the environment, the first that is set counts; empty for
            the one that follows from its name.
    """

    key: str
    field: str
    read: Callable[[str, Any], Any]
    meaning: str
    default: str
    many: bool = False
    switch: bool = False
    secret: bool = False
    variables: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.key.replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return self.all_variables[0]

    @property
    def all_variables(self) -> tuple[str, ...]:
        """All of its names in the environment, the first that is set counts."""
        return self.variables or ("SAM3_" + self.key.upper(),)


SETTINGS = (
    Setting(
        "weights",
        "weights",
        readers.text_if_any,
        "checkpoint file, hub id such as facebook/sam3, or `tiny`",
        "the best that can be had",
    ),
    Setting(
        "weights_dir",
        "weights_folder",
        readers.folder,
        "folder for weights that are not from the hub, whose files `--weights` takes by name",
        "`sam3-playground/weights` in the user's data folder; on a Space with a disk in `/data`",
    ),
    Setting(
        "click_weights",
        "click_weights",
        readers.text_if_any,
        "weights, named alike, whose click head answers clicks and boxes",
        "the weights' own",
    ),
    Setting(
        "device",
        "device",
        readers.text_if_any,
        "where the network runs: `cpu`, `cuda`, `cuda:1`",
        "CUDA where there is some",
    ),
    Setting(
        "cache_mb",
        "cache_bytes",
        readers.mebibytes(0),
        "memory for the embeddings of images, in MiB",
        "1024",
    ),
    Setting(
        "page_mb",
        "page_bytes",
        readers.mebibytes(0),
        "memory for what the page keeps for all its visitors, in MiB; one of them has half of it "
        "at most",
        "768",
    ),
    Setting(
        "max_pixels",
        "max_pixels",
        readers.whole_number(1),
        "larger images are refused before they are decoded; decoding takes 12 bytes for each of "
        "so many pixels at most, in one image or several at once",
        "100000000",
    ),
    Setting(
        "max_image_mb",
        "max_image_bytes",
        readers.mebibytes(1),
        "largest image file of a request or behind a URL, in MiB",
        "32",
    ),
    Setting(
        "max_waiting",
        "max_waiting",
        readers.whole_number(1),
        "REST requests held at once, and asks of the page that wait; more get 503 and "
        "`Retry-After`, on the page a sentence",
        "32",
    ),
    Setting(
        "allowed_hosts",
        "allowed_hosts",
        readers.lower_names,
        "hosts that image URLs may name although their addresses are private",
        "none",
        many=True,
    ),
    Setting(
        "cpu_bfloat16",
        "cpu_bfloat16",
        readers.switch_or_auto,
        "1: a CPU encodes images in bfloat16; 0: in float32; `auto`: in bfloat16 with networks of "
        "the published size where the processor has instructions for it (AVX512-BF16, AMX, ARM's "
        "on Linux), see *Speed*",
        "`auto`",
    ),
    Setting(
        "host",
        "host",
        readers.text,
        "address that is listened on",
        "127.0.0.1, on a Space 0.0.0.0",
        variables=("GRADIO_SERVER_NAME",),
    ),
    Setting(
        "port",
        "port",
        readers.port,
        "port of page and API; 0 takes a free one and says which",
        "7860",
        variables=("GRADIO_SERVER_PORT",),
    ),
    Setting(
        "root_path",
        "root_path",
        readers.root_path,
        "path that a proxy has for page and API, such as /sam3, whether it strips it or not; "
        "`GRADIO_ROOT_PATH` says the same",
        "none: they are at the root",
        variables=("SAM3_ROOT_PATH", "GRADIO_ROOT_PATH"),
    ),
    Setting(
        "trusted_hosts",
        "trusted_hosts",
        readers.names,
        "names under which the server may be asked; `*.example.com` for all under one, `*` for all",
        "loopback names; addresses too if it listens on more than loopback; on a Space all",
        many=True,
    ),
    Setting(
        "trusted_proxies",
        "trusted_proxies",
        readers.networks,
        "addresses and networks of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are "
        "believed, those of all others are dropped; `none`; `*` for whoever connects, where "
        "nobody but a proxy can",
        "127.0.0.0/8, ::1/128; on a Space all",
        many=True,
    ),
    Setting(
        "auth",
        "auth",
        readers.logins,
        "logins of the page, USER:PASSWORD, or `@FILE` with one a line",
        "none: everybody may",
        many=True,
        secret=True,
    ),
    Setting(
        "api_keys",
        "api_keys",
        readers.secrets,
        "keys that open the REST API, or `@FILE` with one a line",
        "none: everybody may, or whoever has a login",
        many=True,
        secret=True,
    ),
    Setting(
        "mcp",
        "mcp",
        readers.switch,
        "1: tools for models at `/mcp`, see *Programs and models*; needs the package `mcp`",
        "0",
        switch=True,
    ),
    Setting(
        "manage_weights",
        "manage_weights",
        readers.switch,
        "1: all who reach the page may change and fetch its weights; 0: nobody may",
        "whoever sits at the server's machine, seen through no proxy; on a Space nobody",
        switch=True,
    ),
    Setting(
        "share",
        "share",
        readers.switch,
        "1: a public link through Gradio's tunnel, for up to a week",
        "0",
        switch=True,
    ),
    Setting(
        "log_level",
        "log_level",
        readers.log_level,
        "least of what the log holds: `debug`, `info`, `warning` or `error`",
        "`info`",
    ),
    Setting(
        "access_log",
        "access_log",
        readers.switch,
        "1: one line for each request on standard error, without queries and keys",
        "0",
        switch=True,
    ),
)
