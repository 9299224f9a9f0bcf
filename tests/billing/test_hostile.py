"""What somebody might send who means no good, or whose program is broken: refused by name, never a 500."""

import json
from urllib.parse import quote
from uuid import UUID

import pytest

from carelane.kit.ids import uuid7
from tests.own_clinic import make_clinic

CART, TAXES, PATIENTS = "/billing/cart", "/admin/taxes", "/user/patient/create"
# As JSON texts: Python would not write some of them.
NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1" * 400, "0." + "1" * 400, '"NaN"', '"Infinity"',
           '"1e400"', '"1_0"', '"٣"', '"\N{FULLWIDTH DIGIT ONE}"', '""', '"0x10"', '"1e2"', '"+1"', '" 1"', '"1 "', '"1,0"', '"inf"', '"1."', '".5"', '"7"',
           '"7.0"', '"7.5"', '"-7"', "true", "null", "[]", "-0", "-0.0", "1e2", "7", "7.0", "7.5", "0.0000001", "100.0000001"]  # fmt: skip
# What of it is a number, and which: of members that take fractions, of those that do not, and where none need be sent.
FRACTIONS = {
    "1e-400": 0, "0." + "1" * 400: 0.111111, "-0": 0, "-0.0": 0, "1e2": 100, "7": 7, "7.0": 7, "7.5": 7.5, "0.0000001": 0,
    '"7"': 7, '"7.0"': 7, '"7.5"': 7.5,
}  # fmt: skip
WHOLE = {"-0": 0, "-0.0": 0, "1e2": 100, "7": 7, "7.0": 7, '"7"': 7, '"7.0"': 7}
MEMBERS = {
    "quantity": ("quantity", FRACTIONS | {"100.0000001": 100}),
    "unitPrice": ("unitPrice", WHOLE | {"null": None, '""': None}),
    "unit_price": ("unitPrice", WHOLE | {"null": None, '""': None}),
    "discountAmount": ("discountAmount", WHOLE),
    "discountPercentage": ("discountPercentage", FRACTIONS),
}
NO_JSON = {"NaN", "Infinity", "-Infinity"}
DATES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z",
         "2026-01-01T24:00:00Z", "2026-01-01", "now", "", "2026-01-01T00:00:00.123456789Z", "2026-06-30T23:59:60Z"]  # fmt: skip
NAMES = ["..", ".", "", "a/b", "%2F", "\x7f", " ", "x" * 129, "x" * 128, "🙂", "list", "expire-old", "é", "e\u0301", "' OR 1=1 --",
         "00000000-0000-0000-0000-000000000000", "{}", "a?b", "a#b", "\\", "A" * 36, "٣", "null"]  # fmt: skip


@pytest.fixture(scope="module")
async def seller(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def post(client, seller):
    async def one(path, text):
        return await client.post(path, content=text.encode(), headers=seller.billing)

    return one


def accepted(answer):
    """Not 404: whatever is named beside what is hostile is there."""
    assert answer.status_code in {200, 422}, answer.text
    return answer.status_code == 200


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("member", MEMBERS)
async def test_a_lines_number_is_what_was_sent_or_refused(post, seller, number, member):
    name, numbers = MEMBERS[member]
    text = f'{{"patientId": "{seller.patient_id}", "items": [{{"itemId": "{seller.item_id}", "{member}": {number}}}]}}'
    answer = await post(CART, text)
    if number in numbers:
        assert answer.status_code == 200, answer.text
        (line,) = answer.json()["items"]
        # Without a price it is the item's.
        wanted = line["item"]["price"] if numbers[number] is None else numbers[number]
        assert line[name] == wanted
    else:
        assert answer.status_code == 422, answer.text
        places = [problem["loc"] for problem in answer.json()["detail"]]
        # What is no JSON is so as a whole.
        assert places == [["body"] if number in NO_JSON else ["body", "items", 0, name]]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_rate_is_from_0_to_100_or_refused(client, post, seller, number):
    answer = await post(
        TAXES, f'{{"name": "Tax {uuid7()}", "percentage": {number}, "locationIds": ["{seller.location_id}"]}}'
    )
    if accepted(answer):
        assert 0 <= answer.json()["percentage"] <= 100
        await client.delete(f"{TAXES}/{answer.json()['id']}", headers=seller.billing)


@pytest.mark.parametrize("moment", DATES)
async def test_a_moment_is_kept_or_refused(client, post, seller, moment):
    answer = await post(CART, f'{{"patientId": "{seller.patient_id}", "expires_date": "{moment}"}}')
    if accepted(answer):
        shown = await client.get(f"{CART}/{answer.json()['id']}", headers=seller.billing)
        assert shown.json()["expiresDate"] == answer.json()["expiresDate"]
    else:
        assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", "expiresDate"]]


@pytest.mark.parametrize("name", NAMES)
async def test_a_record_of_an_odd_name_is_found_by_it_or_never_made(client, seller, name):
    body = {"id": name, "patientId": seller.patient_id}
    made = await client.post(CART, json=body, headers=seller.billing)
    if name == "":
        # None was chosen.
        assert UUID(made.json()["id"])
    elif accepted(made):
        found = await client.get(f"{CART}/{quote(name, safe='')}", headers=seller.billing)
        assert (found.status_code, found.json()["id"]) == (200, name)
        again = await client.post(CART, json=body, headers=seller.billing)
        assert again.status_code == 409
    else:
        assert [problem["loc"] for problem in made.json()["detail"]] == [["body", "id"]]


@pytest.mark.parametrize("name", NAMES)
async def test_an_unknown_name_in_a_body_is_not_found_or_refused(client, seller, name):
    known = {"patientId": seller.patient_id}
    assert (await client.post(CART, json=known, headers=seller.billing)).status_code == 200
    for body, kinds in (
        ({"patientId": name}, ["patient"]),
        (known | {"creatorId": name}, ["member of staff"]),
        (known | {"items": [{"itemId": name}, {"packageId": name}]}, ["item", "package"]),
    ):
        answer = await client.post(CART, json=body, headers=seller.billing)
        if answer.status_code == 404:
            assert answer.json()["detail"] == "; ".join(f"no {kind} {name} here" for kind in kinds)
        elif name == "" and "creatorId" in body:
            # Nobody was named.
            assert (answer.status_code, answer.json()["creator"]) == (200, None)
        else:
            assert answer.status_code == 422, answer.text
            assert all(len(problem["loc"]) > 1 for problem in answer.json()["detail"])


async def test_all_unknown_names_are_told_at_once(client, seller):
    body = {"patientId": "pat_x", "creatorId": "prov_x", "items": [{"itemId": "itm_x"}, {"packageId": "pkg_x"}]}
    answer = await client.post(CART, json=body, headers=seller.billing)
    assert answer.status_code == 404
    for name in ("pat_x", "prov_x", "itm_x", "pkg_x"):
        assert name in answer.json()["detail"]


async def test_a_creator_is_an_active_member_of_staff_of_ones_own(client, seller, other_clinic):
    answer = await client.post(
        CART, json={"patientId": seller.patient_id, "creatorId": seller.patient_id}, headers=seller.billing
    )
    assert answer.status_code == 404
    assert answer.json() == {"detail": f"no member of staff {seller.patient_id} here"}


@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED", "CONVERTED", "EXPIRED", "ABANDONED"])
async def test_a_cart_begins_as_a_draft(client, seller, status):
    answer = await client.post(CART, json={"patientId": seller.patient_id, "status": status}, headers=seller.billing)
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", "status"]]


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%%", "'", '"', "(", "a" * 5_000, "\ud7ff", "🙂", ":*", "& |"])
async def test_any_words_may_be_looked_for(client, seller, text):
    for path, name in ((CART, "search"), ("/user/patient/table", "name"), ("/inventory/items/list", "name")):
        answer = await client.get(path, params={name: text}, headers=seller.billing)
        assert answer.status_code in {200, 422}, answer.text
        if answer.status_code == 200:
            # None of these is a wildcard: what is found holds the words themselves.
            shown = [json.dumps(record) for record in answer.json()["data"]]
            assert [record for record in shown if json.dumps(text)[1:-1] not in record] == []
