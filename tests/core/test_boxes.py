from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core.boxes import Boxes, cxcywh_to_xyxy, xywh_to_xyxy, xyxy_to_cxcywh
from sam3_playground.errors import InvalidInputError
from tests.core.drawing import properties

CONVERTERS = [xywh_to_xyxy, cxcywh_to_xyxy, xyxy_to_cxcywh]


@pytest.mark.parametrize(
    ("convert", "box", "expected"),
    [
        (xywh_to_xyxy, (2, 3, 10, 20), (2, 3, 12, 23)),
        (xywh_to_xyxy, (2, 3, 0, 0), (2, 3, 2, 3)),  # no size
        (xywh_to_xyxy, (-2, -3, 1, 1), (-2, -3, -1, -2)),  # left of and above the image
        (cxcywh_to_xyxy, (7, 13, 10, 20), (2, 3, 12, 23)),
        (cxcywh_to_xyxy, (0.5, 0.5, 1, 1), (0, 0, 1, 1)),  # the whole image, normalised
        (xyxy_to_cxcywh, (2, 3, 12, 23), (7, 13, 10, 20)),
        (xyxy_to_cxcywh, (0, 0, 1, 1), (0.5, 0.5, 1, 1)),  # one pixel
    ],
)
def test_one_box(
    convert: Callable[[Boxes], Boxes], box: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert convert(np.array([box], dtype=np.float64)).tolist() == [list(expected)]


@pytest.mark.parametrize("convert", CONVERTERS)
def test_no_boxes_stay_no_boxes(convert: Callable[[Boxes], Boxes]) -> None:
    assert convert(np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("convert", CONVERTERS)
@pytest.mark.parametrize("shape", [(4,), (2, 3), (1, 2, 4), (0,)])
def test_other_shapes_are_refused(
    convert: Callable[[Boxes], Boxes], shape: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInputError, match=r"expected boxes of shape \(N, 4\), got"):
        convert(np.zeros(shape))


@properties
@given(st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 4), max_size=4))
def test_centre_boxes_and_corner_boxes_are_each_others_inverse(
    boxes: list[tuple[float, ...]],
) -> None:
    array = np.array(boxes).reshape(-1, 4)
    assert np.allclose(cxcywh_to_xyxy(xyxy_to_cxcywh(array)), array, atol=1e-9)
