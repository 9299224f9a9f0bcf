"""A language is whole: nothing is missing, nothing is left over, and what stands in a text for something else stands there again."""

import re

import pytest
from babel.messages.pofile import read_po

from carelane.kit import languages

CATALOGUES = sorted(languages.FOLDER.glob("*.po"))
# What is filled in, and what makes a text bold or a link.
_PLACES = re.compile(r"%\(\w+\)\d*[ds]|%%|\{\w+\}")
_TAGS = re.compile(r"</?\w[^>]*>")

pytestmark = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CATALOGUES])


def read(path):
    with path.open("rb") as source:
        return read_po(source)


def texts(message):
    """Pairs of ours and the other language's."""
    ours, theirs = message.id, message.string
    return [(ours, theirs)] if isinstance(ours, str) else list(zip(ours, theirs, strict=True))


def entries(path):
    return [message for message in read(path) if message.id]


def test_every_text_is_there_and_no_other(path):
    wanted = {message.id for message in entries(languages.FOLDER / "messages.pot")}
    there = {message.id for message in entries(path) if all(theirs for _, theirs in texts(message))}
    assert (wanted - there, there - wanted) == (set(), set()), (
        "add what is missing to the language's file, and remove what is gone"
    )


def test_nothing_is_doubtful_or_out_of_date(path):
    assert [message.id for message in entries(path) if message.fuzzy] == []
    assert list(read(path).obsolete) == []


def test_what_is_filled_in_and_what_makes_a_link_is_the_same(path):
    for message in entries(path):
        for ours, theirs in texts(message):
            assert sorted(_PLACES.findall(ours)) == sorted(_PLACES.findall(theirs)), theirs
            assert sorted(_TAGS.findall(ours)) == sorted(_TAGS.findall(theirs)), theirs
            assert (ours.count("\n"), ours[:1] == " ", ours[-1:] == " ") == (
                theirs.count("\n"),
                theirs[:1] == " ",
                theirs[-1:] == " ",
            ), theirs


def test_each_language_says_how_it_counts(path):
    assert re.search(r"nplurals=\d; plural=", path.read_text())


class Anything(dict):
    """A number for every name."""

    def __missing__(self, name):
        return 7


def test_a_text_with_something_to_fill_in_can_be_filled(path):
    """A bare `%` beside it would stop the page."""
    found = [text for message in entries(path) for pair in texts(message) for text in pair if "%(" in text]
    assert found
    assert [text for text in found if "%(" in text % Anything()] == []
