"""Bodies whose names are camelCase or snake_case: the same body either way, and its faults by their names on the wire."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit.errors import InvalidRequestError
from carelane.web.wire import decode, decode_either_case


class Line(msgspec.Struct, rename="camel"):
    unit_price: int
    quantity: Decimal = Decimal(1)


class Address(msgspec.Struct, rename="camel"):
    zip_code: str | None = None


class Body(msgspec.Struct, rename="camel"):
    patient_id: str
    line_items: list[Line] = []
    home_address: Address | None = None
    free_data: dict[str, Any] = {}
    address_line_two: str | None = None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)


def read(body):
    return decode_either_case(body if isinstance(body, bytes) else msgspec.json.encode(body), Body)


def problems(body):
    """The offending places; none when the body is good."""
    try:
        read(body)
    except InvalidRequestError as error:
        return [problem.field for problem in error.problems] or ["nothing named"]
    return []


def places(body):
    found = problems(body)
    assert found, "the body is good"
    return found


def test_either_case_is_the_same_body():
    camel = {
        "patientId": "p_1", "lineItems": [{"unitPrice": 5, "quantity": 1.5}], "homeAddress": {"zipCode": "1"},
        "addressLineTwo": "b",
    }  # fmt: skip
    snake = {
        "patient_id": "p_1", "line_items": [{"unit_price": 5, "quantity": 1.5}], "home_address": {"zip_code": "1"},
        "address_line_two": "b",
    }  # fmt: skip
    assert read(snake) == read(camel)
    assert read({"patient_id": "p_1", "lineItems": [{"unit_price": 5}]}).line_items == [Line(unit_price=5)]


@pytest.mark.parametrize("turn", [1, -1])
def test_where_both_are_sent_camel_case_counts(turn):
    pairs = [("patientId", "camel"), ("patient_id", "snake")][::turn]
    assert read(dict(pairs)).patient_id == "camel"


def test_a_wrong_camel_case_member_is_not_mended_by_a_good_snake_case_one():
    assert places({"patientId": 5, "patient_id": "good"}) == ["patientId"]


def test_free_objects_stay_as_they_are():
    free = {"patient_id": {"zip_code": 1}, "zipCode": 2, "some_list": [{"unit_price": None}]}
    assert read({"patient_id": "p", "free_data": free}).free_data == free


def test_what_is_unknown_is_ignored_in_any_case():
    body = read(
        {"patient_id": "p", "no_such": {"unit_price": "x"}, "noSuch": 1, "line_items": [{"unit_price": 1, "x_y": 0}]}
    )
    assert body == read({"patientId": "p", "lineItems": [{"unitPrice": 1}]})


def test_faults_are_named_as_on_the_wire():
    body = {"line_items": [{"unit_price": "x"}, {"quantity": []}, 5], "home_address": {"zip_code": 1}}
    assert places(body) == [
        "patientId", "lineItems[0].unitPrice", "lineItems[1].unitPrice", "lineItems[1].quantity", "lineItems[2]",
        "homeAddress.zipCode",
    ]  # fmt: skip


@given(NUMBERS)
def test_a_number_is_the_same_number_by_either_name(number):
    body = b'{"patient_id": "_", "line_items": [{"unit_price": 1, "quantity": %s}]}' % str(number).encode()
    exact = b'{"patientId": "_", "lineItems": [{"unitPrice": 1, "quantity": %s}]}' % str(number).encode()
    assert read(body) == decode(exact, Body)
    assert read(body).line_items[0].quantity == number


@pytest.mark.parametrize(
    "body",
    [
        b"", b"_", b"[]", b'"_"', b"null", b"{_}", b'{"patient_id"', b'{"patient_id": "\xff"}', b'{"patient_id": "\\ud800"}',
        b'{"patient_id": "p", "free_data": ' + b'{"a_b":' * 100_000, b'{"a_b": ' + b"[" * 100_000,
        b'{"patient_id": "p", "free_data": {"n_o": 1' + b"0" * 5_000 + b"}}",
        b'{"patient_id": "p", "free_data": {"n_o": 1e99999999999999999999}}', b'{"patientId": "p", "address_line_two": "\xff"}',
    ],
    ids=range(14),
)  # fmt: skip
def test_what_cannot_be_read_is_an_invalid_request(body):
    assert len(places(body)) == 1


def test_what_is_nested_as_deep_as_can_be_read_is_read_or_refused():
    """Between what is read and what is refused lies no depth at which anything else happens."""
    found = {}
    for depth in (10, 100, 500, 900, 950, 990, 1_000, 1_024, 1_100, 2_000):
        nested = b'{"patient_id": "p", "free_data": ' + b'{"a_b":' * depth + b"1" + b"}" * depth + b"}"
        found[depth] = problems(nested)
    assert found[10] == []
    assert found[2_000] == ["body"]
    assert {tuple(named) for named in found.values()} == {(), ("body",)}


@pytest.mark.parametrize("name", ["patientId", "patient_id"])
def test_nul_is_refused_by_either_name(name):
    assert places({name: "a\0"}) == ["patientId"]


@given(value=JSON)
def test_any_json_is_decoded_or_an_invalid_request(value):
    assert problems({"patient_id": "p", "free_data": {"x": value}, "line_items": value}) != ["nothing named"]
