"""Identifiers: version 7, in the order of time; short ids that never repeat."""

import re
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit.ids import RecordName, least_id_at, parse_uuid, short_id, uuid7

COUNT = 26**6


def test_version_and_variant():
    for _ in range(1_000):
        made = uuid7()
        assert (made.version, made.variant) == (7, RFC_4122)


def test_the_first_48_bits_are_the_time_in_milliseconds():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_none_made_from_a_moment_on_is_below_its_least():
    moment = datetime.now(UTC)
    assert least_id_at(moment) <= uuid7() < least_id_at(moment + timedelta(minutes=1))
    assert least_id_at(datetime.min.replace(tzinfo=UTC)).int == 0


def test_a_later_one_sorts_later():
    """Within a millisecond too: its fraction counts in steps of 245 nanoseconds."""
    for _ in range(1_000):
        first, made_by = uuid7(), time.time_ns()
        while time.time_ns() < made_by + 250:
            pass
        assert first < uuid7()


def test_no_two_alike():
    assert len({uuid7() for _ in range(100_000)}) == 100_000


@given(st.sets(st.integers(0, COUNT - 1), min_size=2, max_size=200))
def test_short_ids_of_different_numbers_differ(numbers):
    assert len({short_id("ADA", number) for number in numbers}) == len(numbers)


def test_short_ids_of_neighbours_differ_and_do_not_look_counted():
    made = [short_id("ADA", number) for number in range(20_000)]
    assert len(set(made)) == 20_000
    assert all(re.fullmatch("ADA-[A-Z]{6}", text) for text in made)
    assert made != sorted(made)


@pytest.mark.parametrize("number", [-1, COUNT])
def test_a_number_beyond_the_last_short_id_is_refused(number):
    with pytest.raises(ValueError, match="used up"):
        short_id("ADA", number)


@given(st.uuids())
def test_a_uuid_is_read_back(value):
    assert parse_uuid(str(value)) == value


@pytest.mark.parametrize("text", ["", "123", "{00000000-0000-0000-0000-000000000000}", "0" * 32, "x" * 36, "\0" * 36])
def test_other_spellings_are_none(text):
    assert parse_uuid(text) is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\n", "\n", ".\n", "a\nb", "a\r", "a\x7f", "x" * 129])
def test_what_cannot_be_a_step_of_a_path_names_no_record(name):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(name, RecordName)


@pytest.mark.parametrize("name", ["a", "...", ".a", "a b", "é🙂", "%2F", "x" * 128])
def test_whatever_else_names_one(name):
    assert msgspec.convert(name, RecordName) == name
