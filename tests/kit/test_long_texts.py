"""Long texts are taken out of a body, the rest stays JSON, and put back they make the same body again."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelane.kit.errors import BodyTooLargeError
from carelane.web.long_texts import LONG_BYTES, lift_long_texts

MOST = 10_000_000
# What is hard to tell apart from the end of a text.
PARTS = st.sampled_from(['"', "\\", '\\"', "\\\\", "a" * 700, "é" * 400, ",", "}", "\n", "\x7f"])
TEXTS = st.builds("".join, st.lists(PARTS, max_size=40)) | st.integers(LONG_BYTES - 2, LONG_BYTES + 2).map(
    lambda size: "x" * size
)
VALUES = st.recursive(
    TEXTS | st.integers(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=12,
)
# Shorter ones are not looked into.
PADDING = ["p" * 1_000] * 70


def texts_of(value):
    if isinstance(value, str):
        yield value
    for inner in value.items() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from texts_of(inner)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_the_long_ones_are_found_and_no_others(value, is_ascii):
    body = json.dumps([PADDING, value], ensure_ascii=is_ascii).encode()
    lifted = lift_long_texts(body, MOST)
    spelled = [json.dumps(text, ensure_ascii=is_ascii)[1:-1].encode() for text in texts_of([PADDING, value])]
    assert sorted(map(bytes, lifted.texts.values())) == sorted(text for text in spelled if len(text) >= LONG_BYTES)
    msgspec.json.decode(lifted.rest)
    half = set(list(lifted.texts)[::2])
    assert lifted.put_back(half, MOST).put_back(lifted.texts.keys() - half, MOST).rest == body


def test_a_caller_cannot_guess_the_names():
    body = json.dumps([PADDING, "x" * LONG_BYTES]).encode()
    (first,), (second,) = (lift_long_texts(body, MOST).texts for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    "body", [b'"' * 100_001, b'["' + b"a" * 100_000, b'["' + b"\\" * 100_001, b"\\" * 100_001, b" " * 100_000]
)
def test_what_is_no_json_does_no_harm(body):
    lifted = lift_long_texts(body, MOST)
    assert lifted.put_back(lifted.texts.keys(), MOST).rest == body


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"[" + b'"",' * 30_000, b'"' + b'\\"' * 100_000 + b'"' + b" " * 70_000],
)
def test_what_is_left_must_be_small(body):
    with pytest.raises(BodyTooLargeError):
        lift_long_texts(body, 66_000)


def test_what_is_put_back_must_be_small():
    lifted = lift_long_texts(json.dumps(["x" * 50_000, "y" * 50_000]).encode(), 60_000)
    first, second = lifted.texts
    once = lifted.put_back([first], 60_000)
    with pytest.raises(BodyTooLargeError):
        once.put_back([second], 60_000)
