"""Concepts typed one after the other, in whatever script's commas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core.words import SEPARATORS, split_concepts

NAMES = st.text(min_size=1).map(str.strip).filter(lambda name: name and not {*name} & {*SEPARATORS})


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("red, green", ["red", "green"]),
        ("red，green、blue；dog;cat", ["red", "green", "blue", "dog", "cat"]),
        ("红色，绿色", ["红色", "绿色"]),
        ("أحمر، أخضر؛ أزرق", ["أحمر", "أخضر", "أزرق"]),
        ("red\ngreen\r\nblue", ["red", "green", "blue"]),
        (" red , , ；\n", ["red"]),  # nothing between two of them
        ("red, red, RED", ["red", "red", "RED"]),  # doubles stay
        ("red circle", ["red circle"]),
        ("t-shirt: blue/white & co.", ["t-shirt: blue/white & co."]),
        (" \n", []),
        ("", []),
    ],
)
def test_a_text_falls_into_its_concepts(text: str, concepts: list[str]) -> None:
    assert split_concepts(text) == concepts


@given(names=st.lists(NAMES, max_size=5), data=st.data())
def test_any_separators_between_names_give_the_names_back(
    names: list[str], data: st.DataObject
) -> None:
    mark = st.text(SEPARATORS + " ", min_size=1, max_size=3).filter(str.strip)
    marks = [data.draw(mark.filter(lambda text: {*text} & {*SEPARATORS})) for _ in names]
    text = "".join(name + mark for name, mark in zip(names, marks, strict=True))
    assert split_concepts(text) == names
