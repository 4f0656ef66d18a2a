"""A request as text that asks the REST API: curl, Python's requests, and inference-sdk.

Each prints the API's answers, one after the other, with masks as RLE: to the pixel. The image's
file goes as it is, whatever its size.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sam3_playground.core.nms import Nms
from sam3_playground.core.requests import ConceptRequest, Request
from sam3_playground.formats.code_calls import (
    Source,
    Wire,
    calls_of,
    cleanup_fields,
    concept_fields,
    header_of,
    notes_of,
)
from sam3_playground.formats.code_layout import Call, Raw, json_text, python_text

_SECONDS = 600
_KEY = Raw('os.environ["SAM3_API_KEY"]')


def as_curl(request: Request, source: Source) -> str:
    """For bash and other POSIX shells, with curl and base64; not for Windows' own shells.

    The image goes through a pipe: no command line holds it.
    """
    return header_of(notes_of(request)) + "\n".join(
        _curl(call, source) for call in calls_of(request)
    )


def _curl(call: Wire, source: Source) -> str:
    options = ["--silent", "--show-error", "--write-out", "'\\n'"]
    key = ['    --header "Authorization: Bearer $SAM3_API_KEY"'] if source.needs_key else []
    command = " \\\n".join(
        [
            f"curl {' '.join(options)}",
            *key,
            "    --header 'Content-Type: application/json'",
            "    --data-binary @-",
            f"    --url {shlex.quote(source.server_url + call.path)}",
        ]
    )
    if source.is_url:
        image = {"type": "url", "value": source.image}
        return f"printf %s {shlex.quote(json_text({'image': image} | call.fields))} | {command}\n"
    fields = json_text(call.fields).removeprefix("{")
    return (
        "{\n"
        '    printf %s \'{"image": {"type": "base64", "value": "\'\n'
        f"    base64 < {shlex.quote(source.image)} | tr -d '\\n'\n"
        "    printf %s " + shlex.quote('"}, ' + fields.lstrip()) + "\n"
        "} | " + command + "\n"
    )


def as_requests(request: Request, source: Source) -> str:
    """For Python with the package `requests`."""
    imports = ["json", *(["os"] if source.needs_key else [])]
    if source.is_url:
        image, reading = python_text({"type": "url", "value": source.image}), ""
    else:
        imports.append("base64")
        image = python_text({"type": "base64", "value": Raw("data")})
        reading = python_text(Call("Path", [source.image]), before="data = base64.b64encode(")
        reading += ".read_bytes()).decode()\n"
    lines = [f"import {name}" for name in sorted(imports)]
    lines += [] if source.is_url else ["from pathlib import Path"]
    options: dict[str, Any] = {"json": Raw("payload"), "timeout": _SECONDS}
    if source.needs_key:
        options["headers"] = {"Authorization": Raw(f'"Bearer " + {_KEY.text}')}
    text = "\n".join([*lines, "", "import requests", "", ""])
    text += reading + f"image = {image}\n"
    for call in calls_of(request):
        payload = {"image": Raw("image")} | call.fields
        post = Call("requests.post", [source.server_url + call.path], options)
        text += python_text(payload, before="payload = ") + "\n"
        text += python_text(post, before="answer = ") + "\n"
        text += "if not answer.ok:\n    raise SystemExit(answer.text)\n"
        text += "print(json.dumps(answer.json()))\n"
    return header_of(notes_of(request)) + text


def as_inference_sdk(request: Request, source: Source) -> str:
    """For Python with the hosted API's own client.

    It knows NMS across the prompts of a call: within each concept is a call for each.
    """
    options = {"api_url": source.server_url} | ({"api_key": _KEY} if source.needs_key else {})
    text = "import json\n" + ("import os\n" if source.needs_key else "")
    text += "\nfrom inference_sdk import InferenceHTTPClient\n\n"
    client = Call("InferenceHTTPClient", named=options)
    text += python_text(client, before="client = ") + "\n"
    for call in _sdk_calls(request, source.image):
        text += python_text(call, before="answer = ") + "\n"
        text += "print(json.dumps(answer))\n"
    notes = notes_of(request)
    lost = cleanup_fields(request.cleanup)
    if lost:
        said = ", ".join(f"{name}={value}" for name, value in lost.items())
        notes.append(
            f"Not said here: {said}. inference-sdk has no words for it: "
            "masks come as the network draws them."
        )
    return header_of(notes) + text


def _sdk_calls(request: Request, image: str) -> Iterator[Call]:
    if not isinstance(request, ConceptRequest):
        for call in calls_of(request):
            yield Call(
                "client.sam3_visual_segment",
                [image],
                {
                    "prompts": call.fields["prompts"],
                    "multimask_output": call.fields["multimask_output"],
                    "mask_input_format": "rle",
                },
            )
        return
    for part in _by_suppression(request):
        prompts = [concept_fields(prompt) for prompt in part.prompts]
        named: dict[str, Any] = {"prompts": prompts, "output_prob_thresh": part.score_threshold}
        if part.nms.mode != "off":
            named["nms_iou_threshold"] = part.nms.iou_threshold
        yield Call("client.sam3_concept_segment", [image], named | {"format": "rle"})


def _by_suppression(request: ConceptRequest) -> Sequence[ConceptRequest]:
    """Requests without NMS, or with NMS across their concepts, that give the same together."""
    if request.nms.mode != "within":
        return [request]
    across = Nms("across", request.nms.iou_threshold)
    return [
        replace(request, prompts=(prompt,), ids=(), nms=across, corrections=())
        for prompt in request.prompts
    ]
