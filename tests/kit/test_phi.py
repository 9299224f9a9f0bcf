"""What is sealed opens only in its own place, and what is secret prints as ***."""

import os
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit.phi import KEY_BYTES, DataKey, MasterKey, Phi, UnsealError

ORGANIZATION, ROW = uuid4(), uuid4()
KEY_MATERIAL = os.urandom(KEY_BYTES)
KEY = DataKey(ORGANIZATION, KEY_MATERIAL)


@given(st.binary(max_size=5_000), st.text(), st.uuids())
def test_what_was_sealed_opens(plain, place, row_id):
    assert KEY.open(KEY.seal(plain, place, row_id), place, row_id) == plain


@pytest.mark.parametrize("size", [0, 1, 1_048_575, 1_048_576, 1_048_577, 3_000_000])
def test_what_was_sealed_in_pieces_opens_like_anything(size):
    plain = os.urandom(size)
    sealed = KEY.seal_in_pieces(plain, "storage.object", ROW)
    assert KEY.open(bytes(sealed), "storage.object", ROW) == plain
    assert len(sealed) == len(KEY.seal(plain, "storage.object", ROW))
    with pytest.raises(UnsealError):
        KEY.open(bytes(sealed), "storage.object", uuid4())
    sealed[-1] ^= 1
    with pytest.raises(UnsealError):
        KEY.open(bytes(sealed), "storage.object", ROW)


@pytest.mark.parametrize(
    ("key", "place", "row_id"),
    [
        (KEY, "comments.text_sealed", ROW),
        (KEY, "form_answers.sealed", uuid4()),
        (KEY, "form_answers.sealed ", ROW),
        (DataKey(uuid4(), KEY_MATERIAL), "form_answers.sealed", ROW),
        (DataKey(ORGANIZATION, os.urandom(KEY_BYTES)), "form_answers.sealed", ROW),
    ],
)
def test_it_opens_in_no_other_place_row_organization_or_key(key, place, row_id):
    sealed = KEY.seal(b"138 lbs", "form_answers.sealed", ROW)
    with pytest.raises(UnsealError):
        key.open(sealed, place, row_id)


def test_any_changed_byte_is_noticed():
    sealed = KEY.seal(b"138 lbs", "form_answers.sealed", ROW)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(UnsealError):
            KEY.open(bytes(changed), "form_answers.sealed", ROW)


@given(st.binary(max_size=40))
def test_no_bytes_of_a_stranger_open(sealed):
    with pytest.raises(UnsealError):
        KEY.open(sealed, "form_answers.sealed", ROW)


def test_the_same_text_twice_is_sealed_differently():
    assert KEY.seal(b"x", "a.b", ROW) != KEY.seal(b"x", "a.b", ROW)


def test_the_plain_text_is_not_in_the_sealed_one():
    assert b"138 lbs" not in KEY.seal(b"138 lbs", "a.b", ROW)


def test_a_data_key_is_unwrapped_only_for_its_organization_and_under_its_master_key():
    master = MasterKey(os.urandom(KEY_BYTES))
    wrapped = master.wrap(ORGANIZATION, KEY_MATERIAL)
    assert master.unwrap(ORGANIZATION, wrapped) == KEY_MATERIAL
    with pytest.raises(UnsealError):
        master.unwrap(uuid4(), wrapped)
    with pytest.raises(UnsealError):
        MasterKey(os.urandom(KEY_BYTES)).unwrap(ORGANIZATION, wrapped)


def test_each_purpose_has_its_own_key():
    master = MasterKey(KEY_MATERIAL)
    derived = [master.derive(purpose) for purpose in ("bearer tokens", "document links", "wrap data keys")]
    assert len({*derived, KEY_MATERIAL}) == 4
    assert {len(key) for key in derived} == {KEY_BYTES}


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(bytes(length))


class Told(Phi, msgspec.Struct, frozen=True):
    words: str


def test_phi_prints_as_stars():
    told = Told("138 lbs")
    assert (repr(told), str(told), f"{told}", repr([told])) == ("Told(***)", "Told(***)", "Told(***)", "[Told(***)]")


def test_keys_do_not_print_themselves():
    material = KEY_MATERIAL.hex()
    for key in (MasterKey(KEY_MATERIAL), KEY):
        assert material not in repr(key)
        assert repr(KEY_MATERIAL)[2:-1] not in repr(key)


def test_a_digest_tells_same_from_other_and_belongs_to_one_place_and_organization():
    organization_id, key = uuid4(), os.urandom(32)
    data_key = DataKey(organization_id, key)
    told = data_key.digest(b"text", "table.column")
    assert told == DataKey(organization_id, key).digest(b"text", "table.column")
    others = [
        data_key.digest(b"Text", "table.column"),
        data_key.digest(b"text", "table.other"),
        DataKey(uuid4(), key).digest(b"text", "table.column"),
        DataKey(organization_id, os.urandom(32)).digest(b"text", "table.column"),
    ]
    assert told not in others
