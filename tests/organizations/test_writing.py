"""What an export writes, YAML reads back as it was."""

import pytest
import yaml

from carelane.apply.writing import to_yaml
from tests.organizations.full_file import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_is_written_as_it_is_read(text):
    raw = {
        "a": text,
        "list": [text, [text]],
        "in": {"in": [{text or "x": text, "b": {}}, {"c": [text] * 30}]},
        "none": None,
    }
    assert yaml.safe_load(to_yaml(raw)) == raw


LINES = [
    "a\n\n  b\n# c\n---\n- d: e",
    "\na",
    "a\n",
    " a\nb",
    "a \nb",
    "a\n \nb",
    "a\tb\nc",
    "a\nb\u2028c",
    "a\nb\xa0",
    "a\r\nb",
    "|\n>\n}",
]


@pytest.mark.parametrize("text", LINES)
def test_lines_are_written_as_lines_or_as_they_must_be(text):
    raw = {"a": text, "list": [{"b": text, "c": {"d": text, "k" * 1_200: text}}, {"e": 1}], "f": "1"}
    assert yaml.safe_load(to_yaml(raw)) == raw


def test_every_character_that_can_be_stored_survives():
    texts = ["".join(map(chr, range(start, start + 512))) for start in range(1, 0xD800 - 512, 4_096)]
    texts += ["".join(map(chr, range(0xE000, 0x10000))), "\U0001f9ea\U0010ffff"]
    assert yaml.safe_load(to_yaml({"texts": texts})) == {"texts": texts}
