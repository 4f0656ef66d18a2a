"""All formats alike: what each row of the table has to stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np
import pytest

from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request, visual_request
from sam3_playground.core.results import Result
from sam3_playground.errors import InvalidFileError, InvalidInputError
from sam3_playground.formats.exports import EXPORTS, named_exports
from sam3_playground.formats.masks import WAYS
from sam3_playground.formats.names import safe_name
from sam3_playground.formats.roboflow import document
from sam3_playground.formats.segmented import Segmented
from sam3_playground.formats.stored import result_from, result_values
from sam3_playground.pipeline.answer import answer
from tests.fakes import FakeSegmenter, disc_image
from tests.formats.exported import SHAPES, Bitmap, disc, files, result, segmented


@pytest.mark.parametrize("export", EXPORTS)
def test_every_format_has_safe_names_and_no_name_twice(export: str) -> None:
    entries = [
        segmented(name, result({"a/b": [disc()], "a:b": [disc()], "..": []}))
        for name in ("a", "a-2", "x/a")
    ]
    names = [name for name, _ in files(export, entries, ["a/b", "a:b", ".."])]
    assert names
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert all(safe_name(part) == part for part in PurePosixPath(name).parts)


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("found", [{}, {"dog": []}, {"dog": [np.zeros((80, 100), bool)]}])
def test_every_format_takes_an_image_without_instances(
    export: str, found: dict[str, Sequence[Bitmap]]
) -> None:
    assert all(
        isinstance(content, bytes)
        for _, content in files(export, [segmented("a", result(found))], ["dog"])
    )


@pytest.mark.parametrize("export", sorted(EXPORTS.keys() - {"masks", "indexed", "picture"}))
def test_no_bitmap_of_the_whole_image_is_made_where_a_box_is_enough(
    export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mask, "to_bitmap", None)
    found = result({"thing": list(SHAPES.values())})
    assert list(files(export, [segmented("a", found)], ["thing"]))


@pytest.mark.parametrize("export", ["coco", "coco-polygons", "csv"])
def test_files_about_all_images_hold_one_image_at_a_time(export: str) -> None:
    taken = []

    def entries() -> Iterator[Segmented]:
        for number in range(5):
            taken.append(number)
            yield segmented(str(number), result({"dog": [disc()]}))

    (file,) = EXPORTS[export].of_all(entries(), ["dog"])
    chunks = iter(file.chunks)
    seen = b""
    while b"0.jpg" not in seen and b'"bbox"' not in seen:
        seen += next(chunks)
    assert taken == [0]


def test_formats_are_named_once_and_others_are_refused_with_the_names_there_are() -> None:
    assert list(named_exports(["yolo", "coco", "yolo"])) == ["yolo", "coco"]
    with pytest.raises(InvalidInputError, match=r"expected exports .*, got voc") as refusal:
        named_exports(["coco", "voc"])
    assert all(name in str(refusal.value) for name in EXPORTS)
    assert all(export.description for export in EXPORTS.values())


REQUESTS: list[Request] = [
    ConceptRequest((ConceptPrompt("red"), ConceptPrompt("none")), nms=Nms("across", 0.5)),
    visual_request(VisualPrompt((Click(30, 30),))),
]


def found_by(request: Request) -> Result:
    image = disc_image([("red", 30, 30, 15), ("red", 100, 40, 12)])
    return answer(FakeSegmenter(), image, request)


@pytest.mark.parametrize("request_", REQUESTS, ids=["concepts", "object"])
@pytest.mark.parametrize("way", WAYS)
def test_a_stored_result_is_the_same_in_every_word(request_: Request, way: str) -> None:
    found = found_by(request_)
    again = result_from(json.loads(json.dumps(result_values(found))), request_)
    assert document(again, way=WAYS[way], source="a") == document(found, way=WAYS[way], source="a")
    assert [item.id for item in again.instances] == [item.id for item in found.instances]
    assert [one.prompt for one in again.prompt_results] == [
        *(one.prompt for one in found.prompt_results)
    ]
    assert again.nms == found.nms


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"form": 3},
        {"form": 1},
        {"image_size": [1, 2]},
        {"prompt_results": []},
        {"timings": {"hours": 1}},
        {"weights": 5},
    ],
)
def test_other_values_are_no_stored_result(broken: object) -> None:
    values = result_values(found_by(REQUESTS[0]))
    wrong = values | broken if isinstance(broken, dict) and broken else broken
    with pytest.raises(InvalidFileError, match="expected a stored result"):
        result_from(wrong, REQUESTS[0])
