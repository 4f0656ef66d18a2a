"""Names of files that every file system takes."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.formats.names import (
    MAX_NAME_BYTES,
    folded,
    safe_name,
    safe_names,
    safe_places,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("red circle", "red circle"),
        ("собака", "собака"),
        ("犬、柴", "犬、柴"),
        ("👩‍🚀", "👩‍🚀"),  # the joiner belongs to it
        ("e\u0301", "é"),
        ("a/b\\c:d", "a_b_c_d"),
        ('<>"|?*', "______"),
        ("tab\tline\nnull\0", "tab_line_null_"),
        ("\u2028\u2029\x7f\x85", "____"),
        ("gpj.\u202eexe", "gpj._exe"),
        ("half \ud800 pair", "half _ pair"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (" . dog. . ", "dog"),
        (".hidden", "hidden"),
        ("con", "_con"),
        ("NUL.tar", "_NUL.tar"),
        ("Com¹", "_Com¹"),
        ("lpt9 ", "_lpt9"),
        ("console", "console"),
        ("com10", "com10"),
    ],
)
def test_a_name_keeps_what_it_may(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_long_name_ends_with_a_whole_letter() -> None:
    name = safe_name("é犬" * 200)
    assert MAX_NAME_BYTES - 3 <= len(name.encode()) <= MAX_NAME_BYTES
    assert set(name) == {"é", "犬"}


@given(st.text())
def test_whatever_is_typed_becomes_a_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode("utf-8")) <= MAX_NAME_BYTES + 1
    assert name == name.strip(". ")
    assert not set(name) & set('<>:"/\\|?*')
    assert all(unicodedata.category(letter) not in {"Cc", "Cs"} for letter in name)


@given(st.lists(st.sampled_from(["a/b", "a:b", "a_b", "A_B", "a_b-2", "é", "e\u0301", "c"])))
def test_names_stay_apart_where_case_and_composition_do_not_count(texts: list[str]) -> None:
    names = safe_names(texts)
    assert len({folded(name) for name in names}) == len(texts)


def test_names_that_become_alike_are_numbered() -> None:
    assert safe_names(["a/b", "a:b", "A_b"]) == ["a_b", "a_b-2", "A_b-3"]
    assert safe_names(["x", "x-2", "x"]) == ["x", "x-2", "x-3"]


def test_long_names_that_are_cut_alike_stay_apart() -> None:
    first, second = safe_names(["x" * 200, "x" * 300])
    assert first != second
    assert len(second) < 200


def test_places_lie_in_folders_like_their_own_and_never_above() -> None:
    paths = ["a.jpg", "a.png", "x/a.jpg", "../b.jpg", "x:y/a.jpg", "x_y/A.jpg", "con/aux.jpg"]
    assert safe_places([PurePosixPath(path) for path in paths]) == [
        *("a", "a-2", "x/a", "unnamed/b", "x_y/a", "x_y/A-2", "_con/_aux"),
    ]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    (tmp_path / f"{safe_name('犬' * 300)}-12345.json").touch()
    assert len(list(tmp_path.iterdir())) == 1
