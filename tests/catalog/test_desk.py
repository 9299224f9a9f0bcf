"""The catalog by the staff API: each kind of record is listed, made, read, changed; by whom, and with which version."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from tests.own_clinic import make_clinic
from tests.review.people import employ

DESK = "/api/staff/catalog"
EACH = pytest.mark.parametrize("kind", ["products", "bundles", "forms", "promo-codes", "taxes", "locations", "drugs"])


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """`bad`: a body of the right types that breaks a rule, and the field at fault. `change`: what is changed of the good one."""

    listed: str
    good: dict[str, Any]
    change: dict[str, Any]
    bad: dict[str, Any]
    at_fault: str
    search: str = "name"


QUESTION = {"text": "Do you smoke?", "type": "BOOLEAN"}
KINDS = {
    "products": Kind(
        listed="products",
        good={"name": "Cream", "price": "12.50", "category": "Skin", "type": "MEDICATION"},
        change={"category": "Face", "isActive": False},
        bad={"exemptedTaxIds": [str(uuid4())]},
        at_fault="exemptedTaxIds",
    ),
    "bundles": Kind(
        listed="bundles",
        good={"name": "Box", "price": "60.00", "initialDiscount": "5.00", "tag": "New"},
        change={"isSoldOut": True, "price": "55.00"},
        bad={"initialDiscount": "60.01"},
        at_fault="initialDiscount",
    ),
    "forms": Kind(
        listed="forms",
        good={"name": "Intake", "description": "First", "questions": [QUESTION]},
        change={"questions": [QUESTION, {"text": "How much?", "type": "TEXT"}]},
        bad={"questions": [QUESTION, {"text": "Which?", "type": "SINGLESELECT"}]},
        at_fault="questions[1].options",
    ),
    "promo-codes": Kind(
        listed="promoCodes",
        good={"code": "Spring", "discountPercentage": "12.5", "maxUses": 9},
        change={"isActive": False},
        bad={"discountAmount": "5.00"},
        at_fault="discountPercentage",
        search="code",
    ),
    "taxes": Kind(
        listed="taxes",
        good={"name": "VAT", "percentage": "8.25"},
        change={"percentage": "9"},
        bad={"scope": "SPECIFIC_CATEGORIES"},
        at_fault="categoryNames",
    ),
    "locations": Kind(
        listed="locations",
        good={"name": "Pier", "city": "Albany", "timezone": "America/New_York"},
        change={"city": "Troy"},
        bad={"timezone": "Nowhere/At_All"},
        at_fault="timezone",
    ),
    "drugs": Kind(
        listed="drugs",
        good={"name": "Drops 5 mg", "code": "drops", "ndc": "0169-4525-14", "schedule": "IV"},
        change={"schedule": None},
        bad={"productId": str(uuid4())},
        at_fault="productId",
    ),
}


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
async def admin(services, clinic):
    return (await employ(services, clinic, "Ida", role="ADMIN")).headers


@pytest.fixture(scope="module")
async def stranger(services, tmp_path_factory):
    other = await make_clinic(services, tmp_path_factory.mktemp("other"))
    return (await employ(services, other, "Olga", role="ADMIN")).headers


@EACH
async def test_it_is_made_found_and_changed(client, admin, kind):
    about, url = KINDS[kind], f"{DESK}/{kind}"
    made = (await client.post(url, json=about.good, headers=admin)).json()
    assert _plain(made) | _plain(about.good) == _plain(made)
    read = await client.get(f"{url}/{made['id']}", headers=admin)
    assert read.json() == made
    found = (await client.get(url, params={"q": about.good[about.search][1:4]}, headers=admin)).json()
    assert made["id"] in {one["id"] for one in found[about.listed]}
    wanted = about.good | about.change | {"version": made["version"]}
    changed = await client.put(f"{url}/{made['id']}", json=wanted, headers=admin)
    assert changed.status_code == 200, changed.text
    assert changed.json()["version"] != made["version"]
    again = (await client.get(f"{url}/{made['id']}", headers=admin)).json()
    assert again == changed.json()
    assert _plain(again) | _plain(about.change) == _plain(again)


def _plain(body):
    """Questions come back with all that can be said of one: only their texts are compared."""
    texts = {"questions": [one["text"] for one in body["questions"]]} if "questions" in body else {}
    return body | texts


@EACH
async def test_a_stale_version_changes_nothing(client, admin, kind):
    about, url = KINDS[kind], f"{DESK}/{kind}"
    name = {about.search: f"Stale{kind}"} | ({"code": f"stale-{kind}"} if "code" in about.good else {})
    made = (await client.post(url, json=about.good | name, headers=admin)).json()
    change = about.good | name | about.change | {"version": made["version"]}
    assert (await client.put(f"{url}/{made['id']}", json=change, headers=admin)).status_code == 200
    refused = await client.put(f"{url}/{made['id']}", json=change, headers=admin)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:carelane:changed-meanwhile"


@EACH
async def test_what_breaks_a_rule_is_named(client, admin, kind):
    about, url = KINDS[kind], f"{DESK}/{kind}"
    refused = await client.post(url, json=about.good | about.bad, headers=admin)
    assert refused.status_code == 422, refused.text
    assert about.at_fault in {problem["field"] for problem in refused.json()["errors"]}
    unreadable = await client.post(url, json={}, headers=admin)
    assert unreadable.status_code == 400


@EACH
async def test_a_key_makes_one(client, admin, kind):
    about, url = KINDS[kind], f"{DESK}/{kind}"
    once = {about.search: f"Once{kind}"} | ({"code": f"once-{kind}"} if "code" in about.good else {})
    keyed = admin | {"Idempotency-Key": uuid4().hex}
    first = await client.post(url, json=about.good | once, headers=keyed)
    second = await client.post(url, json=about.good | once, headers=keyed)
    assert first.status_code == second.status_code == 200
    assert first.json()["id"] == second.json()["id"]


@EACH
async def test_only_who_may(client, services, clinic, admin, stranger, kind):
    about, url = KINDS[kind], f"{DESK}/{kind}"
    name = {about.search: f"Mine{kind}"} | ({"code": f"mine-{kind}"} if "code" in about.good else {})
    made = (await client.post(url, json=about.good | name, headers=admin)).json()
    one = f"{url}/{made['id']}"
    assert (await client.get(url)).status_code == 401
    assert (await client.put(one, json=about.good)).status_code == 401
    support = (await employ(services, clinic, "Sol", role="SUPPORT")).headers
    manager = (await employ(services, clinic, "Mia", role="CASEMANAGER")).headers
    assert (await client.get(url, headers=support)).status_code == 403
    assert (await client.post(url, json=about.good, headers=manager)).status_code == 403
    assert (await client.put(one, json=about.good, headers=manager)).status_code == 403
    seen = (await client.get(one, headers=manager)).status_code
    assert seen == (403 if kind == "drugs" else 200)
    assert (await client.get(one, headers=stranger)).status_code == 404
    assert (await client.put(one, json=about.good | name, headers=stranger)).status_code == 404
    theirs = (await client.get(url, headers=stranger)).json()
    assert made["id"] not in {one["id"] for one in theirs[about.listed]}


async def test_one_event_tells_of_each_change(client, services, clinic, admin):
    made = (await client.post(f"{DESK}/products", json=KINDS["products"].good, headers=admin)).json()
    one = f"{DESK}/products/{made['id']}"
    same = KINDS["products"].good
    for body in (same, same | {"internalNotes": "Keep it cool"}, same | {"price": "13.00"}, same | {"price": "13.00"}):
        assert (await client.put(one, json=body, headers=admin)).status_code == 200
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT value_before, actor_kind FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id",
            (clinic.organization_id, made["id"]),
        )
        told = await cursor.fetchall()
    assert told == [("CREATED", "staff"), ("UPDATED", "staff"), ("UPDATED", "staff")]


async def test_versions_of_a_form(client, admin):
    url = f"{DESK}/forms"
    body = {"name": "Second", "questions": [QUESTION, {"text": "Any pain?", "type": "TEXT"}]}
    made = (await client.post(url, json=body, headers=admin)).json()
    assert made["number"] == 1
    pain = {"text": "Any pain?", "type": "SINGLESELECT", "options": ["Often"], "isPHI": True}
    where = {"text": "Where?", "type": "TEXT", "condition": {"questionIndex": 0, "response": "Never"}, "required": True}
    changed = (await client.put(f"{url}/{made['id']}", json=body | {"questions": [pain, where]}, headers=admin)).json()
    assert changed["number"] == 2
    assert [(one["question"], one["code"]) for one in changed["findings"]] == [
        (1, "NEVER_HOLDS"),
        (1, "REQUIRED_NEVER_ASKED"),
    ]
    renamed = body | {"questions": [pain, where], "name": "Third"}
    assert (await client.put(f"{url}/{made['id']}", json=renamed, headers=admin)).json()["number"] == 2
    versions = (await client.get(f"{url}/{made['id']}/versions", headers=admin)).json()["versions"]
    assert [one["number"] for one in versions] == [2, 1]
    both = {"before": 1, "now": 2}
    compared = (await client.get(f"{url}/{made['id']}/compared", params=both, headers=admin)).json()
    told = {(one["kind"], one["text"]) for one in compared["changes"]}
    assert told == {("REMOVED", "Do you smoke?"), ("CHANGED", "Any pain?"), ("ADDED", "Where?")}
    gone = await client.get(f"{url}/{made['id']}/compared", params={"before": 1, "now": 7}, headers=admin)
    assert gone.status_code == 404


async def test_a_name_or_a_code_is_taken_once(client, admin):
    for kind, field in (("forms", "name"), ("promo-codes", "code"), ("drugs", "code")):
        body = KINDS[kind].good | {field: "Taken"}
        assert (await client.post(f"{DESK}/{kind}", json=body, headers=admin)).status_code == 200
        refused = await client.post(f"{DESK}/{kind}", json=body, headers=admin)
        assert refused.status_code == 422, kind
        assert refused.json()["errors"][0]["field"] == field


async def test_moments_beyond_the_calendar_are_refused(client, admin):
    for field, moment in (("startsAt", "0001-01-01T00:00:00+14:00"), ("endsAt", "9999-12-31T23:59:59-12:00")):
        body = KINDS["promo-codes"].good | {"code": f"Far{field}", field: moment}
        refused = await client.post(f"{DESK}/promo-codes", json=body, headers=admin)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["field"] == field


async def test_text_that_no_record_can_hold_is_refused(client, admin):
    assert (await client.get(f"{DESK}/products", params={"q": "a\0b"}, headers=admin)).status_code == 400
    body = KINDS["products"].good | {"name": "a\0b"}
    assert (await client.post(f"{DESK}/products", json=body, headers=admin)).status_code in {400, 422}


async def test_a_bundle_names_its_own_clinics_products_and_forms(client, admin, stranger):
    theirs = (await client.post(f"{DESK}/products", json=KINDS["products"].good, headers=stranger)).json()["id"]
    form = (await client.post(f"{DESK}/forms", json=KINDS["forms"].good, headers=stranger)).json()["id"]
    for more, field in (({"productIds": [theirs]}, "productIds"), ({"followupFormId": form}, "followupFormId")):
        refused = await client.post(f"{DESK}/bundles", json=KINDS["bundles"].good | more, headers=admin)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == field
