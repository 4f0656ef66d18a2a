"""Concepts typed one after the other, in whatever script's commas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core.words import SEPARATORS, plain_words, split_concepts

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


def full_width(text: str) -> str:
    """ASCII as a keyboard for Chinese or Japanese may type it."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter > " " else letter for letter in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("red circle", "red circle"),
        ("the red circle", "red circle"),
        ("A red circle", "red circle"),
        ("AN APPLE", "apple"),
        ("the a cat", "cat"),
        ("red circle.", "red circle"),
        ("red circle ?!", "red circle"),
        ("red circle…", "red circle"),
        ("red circle。", "red circle"),
        ("“The red circle.”", "red circle"),
        ("(red circle)", "red circle"),
        ("「red circle」", "red circle"),
        ("red_circle", "red circle"),
        (" red   circle\n", "red circle"),
        ("red\N{NO-BREAK SPACE}circle", "red circle"),
        ("red\N{IDEOGRAPHIC SPACE}circle", "red circle"),
        (full_width("red circle"), "red circle"),
        ("red circle\N{ZERO WIDTH SPACE}", "red circle"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}red circle", "red circle"),
        ("cir\N{SOFT HYPHEN}cle", "circle"),
        ("<end_of_text>", "end of text"),  # a word like others, not the tokenizer's own mark
        # what looks alike and is a part of the name
        ("theatre", "theatre"),
        ("another apple", "another apple"),
        ("t-shirt", "t-shirt"),
        ("c++", "c++"),
        ("no. 5 sign", "no. 5 sign"),
        ('"stop" sign', '"stop" sign'),
        ("(red) circle (small)", "(red) circle (small)"),
        ("rock 'n' roll", "rock 'n' roll"),
        ("weiß", "weiß"),
        ("👩‍🚒", "👩‍🚒"),  # held together by a joiner
        # as long as something is left
        ("the", "the"),
        ("A.", "a"),
        ("...", "..."),
        ('""', '""'),
        ("\N{ZERO WIDTH SPACE}", ""),
        ("", ""),
    ],
)
def test_what_says_nothing_is_not_read(text: str, words: str) -> None:
    assert plain_words(text) == words


TRIMMED = st.text("abc the.!?\"'()_ \u00a0\u200b。\uff21\uff22", max_size=30) | st.text(max_size=30)


@given(text=TRIMMED)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain_words(plain_words(text)) == plain_words(text)


@given(text=TRIMMED, article=st.sampled_from(["the ", "A ", "an "]), end=st.sampled_from(".!?。 "))
def test_articles_and_ends_make_no_difference(text: str, article: str, end: str) -> None:
    plain = plain_words(text)
    if any(letter.isalnum() for letter in plain) and not plain.startswith(('"', "'", "(")):
        assert plain_words(article + plain + end) == plain
