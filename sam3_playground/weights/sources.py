"""Where weights may come from, as a user writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar, TypeAlias

import httpx

from sam3_playground.errors import InvalidInputError
from sam3_playground.weights.addresses import web_address

GATED_REPOSITORY = "facebook/sam3"
# Meta's repositories, with the file that each is asked for if nobody names one.
HUB_FILES = {GATED_REPOSITORY: "sam3.pt", "facebook/sam3.1": "sam3.1_multiplex.pt"}
# To choose from; any other may be typed.
SOURCES = (*HUB_FILES, "modelscope:" + GATED_REPOSITORY)
SUFFIXES = (".pt", ".pth", ".safetensors", ".bin")
# https://modelscope.cn/docs/models/download; "master" is the newest revision there.
MODELSCOPE = "https://modelscope.cn"
MODELSCOPE_PREFIX = "modelscope:"
_REPOSITORY = re.compile(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}", re.ASCII)
_FILE = re.compile(r"[\w-][\w.+-]*(?:/[\w-][\w.+-]*)*", re.ASCII)


@dataclass(frozen=True)
class RepositoryFile:
    """A file of a repository, on whichever hub."""

    repository: str
    file_name: str
    prefix: ClassVar[str] = ""

    @property
    def spelling(self) -> str:
        """How a user writes it, as short as can be."""
        usual = self.file_name == usual_file(self.repository)
        return f"{self.prefix}{self.repository}" + ("" if usual else f":{self.file_name}")


@dataclass(frozen=True)
class HubFile(RepositoryFile):
    """A file on the Hugging Face hub."""

    @property
    def is_metas(self) -> bool:
        """Whether it lies behind Meta's own gate, which has its licence accepted there."""
        return self.repository in HUB_FILES


@dataclass(frozen=True)
class ModelScopeFile(RepositoryFile):
    """A file on ModelScope, which has no gate."""

    prefix: ClassVar[str] = MODELSCOPE_PREFIX

    @property
    def url(self) -> httpx.URL:
        """Where it is fetched."""
        return httpx.URL(f"{MODELSCOPE}/models/{self.repository}/resolve/master/{self.file_name}")

    @property
    def place(self) -> PurePosixPath:
        """Where it lies in the weights folder."""
        return PurePosixPath("modelscope", self.repository, self.file_name)


@dataclass(frozen=True)
class WebFile:
    """A file behind an address."""

    url: httpx.URL
    file_name: str


Source: TypeAlias = "HubFile | ModelScopeFile | WebFile"


def parse_source(text: str | None) -> Source:
    """Read where to fetch weights from.

    Args:
        text: "owner/name" or "owner/name:file" on the hub, the same after "modelscope:", or an
            address; None takes Meta's own.

    Raises:
        InvalidInputError: Something else.
    """
    text = GATED_REPOSITORY if text is None else text.strip()
    if "://" in text:
        return _web_file(text)
    at_modelscope = text.startswith(MODELSCOPE_PREFIX)
    kind: type[HubFile | ModelScopeFile] = ModelScopeFile if at_modelscope else HubFile
    repository, colon, file_name = text.removeprefix(kind.prefix).partition(":")
    if _REPOSITORY.fullmatch(repository) is None or (colon and not _is_file(file_name)):
        raise InvalidInputError(
            f"expected a hub id such as {GATED_REPOSITORY} or owner/name:file.safetensors, "
            f"{MODELSCOPE_PREFIX}{GATED_REPOSITORY}, or an https address, got {text[:80]!r}"
        )
    return kind(repository, file_name or usual_file(repository))


def usual_file(repository: str) -> str:
    """The file that is meant if nobody names one."""
    return HUB_FILES.get(repository, HUB_FILES[GATED_REPOSITORY])


def is_weights_file(name: str) -> bool:
    """Whether a file's name says that it holds weights."""
    return name.lower().endswith(SUFFIXES)


def _is_file(name: str) -> bool:
    return _FILE.fullmatch(name) is not None and is_weights_file(name)


def _web_file(text: str) -> WebFile:
    url = web_address(text)
    name = url.path.rpartition("/")[2]
    if not _is_file(name):
        raise InvalidInputError(
            f"expected an address that ends in a file's name ({', '.join(SUFFIXES)}), got another"
        )
    return WebFile(url, name)
