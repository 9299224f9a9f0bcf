"""What is changed by hand is "changed elsewhere" to the next `apply`, for each kind of record."""

import json

import pytest

from carelane.apply.actions import apply_file
from carelane.apply.errors import ChangedElsewhereError
from tests.own_clinic import make_clinic
from tests.review.people import employ

DESK = "/api/staff/catalog"
PARTS = {
    "products": [{"name": "Cream", "price": "12.50"}],
    "forms": [{"name": "Intake", "questions": [{"text": "Why?", "type": "TEXT"}]}],
    "bundles": [{"name": "Box", "price": "60.00", "products": ["Cream"], "intakeForm": "Intake"}],
    "promoCodes": [{"code": "SPRING", "discountPercentage": 10, "bundles": ["Box"]}],
    "locations": [{"name": "Pier", "city": "Albany"}],
    "taxes": [{"name": "VAT", "percentage": "8.25", "locations": ["Pier"]}],
    "drugs": [{"code": "drops", "name": "Drops 5 mg", "product": "Cream"}],
}
# The kind in the file, where it is in the API, what is changed by hand, and what the file could want instead.
CHANGED = [
    ("product", "products", {"price": "13.00"}, {"price": "14.00"}),
    ("form", "forms", {"description": "First"}, {"description": "Last"}),
    ("bundle", "bundles", {"isSoldOut": True, "price": "61.00"}, {"price": "62.00"}),
    ("promo code", "promo-codes", {"discountPercentage": "20"}, {"discountPercentage": 30}),
    ("location", "locations", {"city": "Troy"}, {"city": "Utica"}),
    ("tax", "taxes", {"percentage": "9"}, {"percentage": "7"}),
    ("drug", "drugs", {"schedule": "IV"}, {"schedule": "V"}),
]
SECTIONS = {"promo-codes": "promoCodes"}


@pytest.fixture
async def shop(services, tmp_path):
    clinic = await make_clinic(services, tmp_path, parts=PARTS)
    path = tmp_path / f"{clinic.tenant}.yaml"
    admin = (await employ(services, clinic, "Ida", role="ADMIN")).headers

    async def apply(**parts):
        path.write_text(json.dumps(json.loads(path.read_text()) | parts))
        return {change.what: change for change in await apply_file(services, path, False, {})}

    return admin, apply


async def test_the_next_apply_sees_what_was_changed_by_hand(client, shop):
    admin, apply = shop
    for what, kind, change, _other in CHANGED:
        url, section = f"{DESK}/{kind}", SECTIONS.get(kind, kind)
        [one] = [
            one
            for one in (await client.get(url, headers=admin)).json()[section]
            if one.get("code", one.get("name")) == PARTS[section][0].get("code", PARTS[section][0].get("name"))
        ]
        stands = (await client.get(f"{url}/{one['id']}", headers=admin)).json()
        # As it stands, nothing changes, and the file has nothing to say.
        body = _body(stands)
        assert (await client.put(f"{url}/{one['id']}", json=body, headers=admin)).json() == stands
        assert (await apply())[what].kept == []
        changed = await client.put(f"{url}/{one['id']}", json=body | change, headers=admin)
        assert changed.status_code == 200, changed.text
    applied = await apply()
    for what, _kind, change, _other in CHANGED:
        assert applied[what].action == "unchanged"
        assert {each.field for each in applied[what].kept} == set(change), what


async def test_apply_refuses_to_undo_what_was_changed_by_hand(client, shop):
    admin, apply = shop
    what, kind, change, other = CHANGED[0]
    [one] = (await client.get(f"{DESK}/{kind}", headers=admin)).json()[kind]
    body = _body(one)
    assert (await client.put(f"{DESK}/{kind}/{one['id']}", json=body | change, headers=admin)).status_code == 200
    with pytest.raises(ChangedElsewhereError) as refused:
        await apply(products=[PARTS["products"][0] | other])
    assert [problem.field for problem in refused.value.problems] == [f"{what} Cream: price"]


def _body(shown):
    """What the PUT takes of what the GET shows."""
    return {name: value for name, value in shown.items() if name not in _SHOWN_ONLY}


_SHOWN_ONLY = {"id", "currency", "number", "findings", "usedCount", "version"}
