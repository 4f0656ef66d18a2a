"""A request as code to copy: whoever runs it gets the instances that the request gave.

The text reads the image by the name it is given, from the folder in which it is run. It is meant
for POSIX shells and for Python anywhere; Windows' own shells quote otherwise.

What a language has no words for stands in comments at the top of its text, each beginning with
"Not said here", and the text asks for what comes closest. Names are no part of what is asked:
`ids` are left out everywhere, and what objects are called is a comment where it is no argument.
A box around an object goes over the wire by its centre: its edges come back to the last bits of a
float, far below what the network sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sam3_playground.core.requests import Request
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.code_calls import Source
from sam3_playground.formats.code_command import as_command
from sam3_playground.formats.code_python import as_python
from sam3_playground.formats.code_rest import as_curl, as_inference_sdk, as_requests


@dataclass(frozen=True)
class Language:
    """A way to say a request in code.

    Attributes:
        title: For people who choose one.
        write: The text of a request about an image.
    """

    title: str
    write: Callable[[Request, Source], str]


LANGUAGES: Mapping[str, Language] = {
    "curl": Language("curl", as_curl),
    "requests": Language("Python, requests", as_requests),
    "inference-sdk": Language("Python, inference-sdk", as_inference_sdk),
    "python": Language("Python, this package", as_python),
    "cli": Language("Command line", as_command),
}


def code_for(
    language: str,
    request: Request,
    image_name: str,
    server_url: str,
    *,
    weights: str | None = None,
    needs_key: bool = False,
) -> str:
    """The text that asks for a request again.

    Args:
        language: A name of `LANGUAGES`.
        request: What is asked.
        image_name: The image's file, by a name or path of whoever runs the text, or an http or
            https URL.
        server_url: Where the REST API answers, such as http://127.0.0.1:7860.
        weights: Whose answer it is, as `--weights` takes them, for the languages that load them;
            None leaves it to the machine that runs the text.
        needs_key: Whether the server wants an API key: the text takes it from SAM3_API_KEY.

    Returns:
        Whole lines. Running them prints JSON: one document for each call, which has
        `prompt_results`, in the order of the request's prompts.

    Raises:
        InvalidInputError: There is no such language.
    """
    if language not in LANGUAGES:
        *others, last = LANGUAGES
        raise InvalidInputError(
            f"expected language {', '.join(others)} or {last}, got {language!s:.40}"
        )
    source = Source(image_name, server_url.rstrip("/"), weights, needs_key)
    return LANGUAGES[language].write(request, source)
