"""`promoCodes` of an organization file."""

import json
from typing import Any
from uuid import UUID

import pytest

from carelane.apply.actions import apply_file
from carelane.apply.errors import InvalidFileError
from tests.own_clinic import make_clinic

FULL = {
    "code": "LOSE10", "discountPercentage": "12.5", "bundles": ["Plan"], "startsAt": "2026-01-01T00:00:00-05:00",
    "endsAt": "2199-01-01T00:00:00Z", "maxUses": 100, "label": "Ten", "description": "Ten percent", "isVisible": True,
}  # fmt: skip


@pytest.fixture
async def apply(services, tmp_path):
    clinic = await make_clinic(services, tmp_path)

    async def run(*codes: dict[str, Any], **options: bool):
        head = {"id": clinic.organization_id, "tenant": clinic.tenant, "name": "Own Clinic", "casePrefix": "OWN"}
        bundles = [{"id": clinic.bundle_id, "name": "Plan", "price": "99.99"}]
        path = tmp_path / "file.yaml"
        path.write_text(json.dumps({"organization": head, "bundles": bundles, "promoCodes": list(codes)}))
        changes = await apply_file(services, path, False, {}, **options)
        return [(change.action, change.name) for change in changes if change.what == "promo code"]

    run.organization_id = UUID(clinic.organization_id)
    return run


async def test_codes_are_made_kept_and_changed_and_what_was_used_stays_used(apply, services):
    assert await apply(FULL) == [("create", "LOSE10")]
    assert await apply(FULL) == [("unchanged", "LOSE10")]
    async with services.db.reading(apply.organization_id) as conn:
        cursor = await conn.execute("SELECT count(*) FROM events WHERE value_after = 'promo_code'")
        assert await cursor.fetchall() == [(1,)]
    amount = {"code": "lose10", "discountAmount": 10}
    assert await apply(amount) == [("update", "lose10")]
    assert await apply() == []
    async with services.db.reading(apply.organization_id) as conn:
        cursor = await conn.execute(
            "SELECT code, discount_percentage, discount_amount_cents, max_uses, starts_at FROM promo_codes"
        )
        assert await cursor.fetchall() == [("lose10", None, 1_000, None, None)]
        cursor = await conn.execute("SELECT count(*) FROM promo_code_bundles")
        assert await cursor.fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"code": "two words"}, "promoCodes[0].code"),
        ({"code": ""}, "promoCodes[0].code"),
        ({"code": "é"}, "promoCodes[0].code"),
        ({"discountAmount": "10"}, "promoCodes[0]"),
        ({"discountPercentage": None}, "promoCodes[0]"),
        ({"discountPercentage": 0}, "promoCodes[0].discountPercentage"),
        ({"discountPercentage": "100.1"}, "promoCodes[0].discountPercentage"),
        ({"discountPercentage": None, "discountAmount": "0.00"}, "promoCodes[0].discountAmount"),
        ({"discountPercentage": None, "discountAmount": "1.001"}, "promoCodes[0].discountAmount"),
        ({"bundles": ["No such plan"]}, "promoCodes[0].bundles[0]"),
        ({"endsAt": "2026-01-01T05:00:00Z"}, "promoCodes[0].endsAt"),
        ({"endsAt": "2199-01-01T00:00:00"}, "promoCodes[0].endsAt"),
        ({"maxUses": -1}, "promoCodes[0].maxUses"),
        ({"currency": "XXX"}, "promoCodes[0].currency"),
        ({"percent": 5}, "promoCodes[0].percent"),
    ],
)
async def test_a_code_that_cannot_be_is_refused_by_its_place(apply, changed, place):
    with pytest.raises(InvalidFileError) as refused:
        await apply(FULL | changed)
    assert place in [problem.field for problem in refused.value.problems]


async def test_the_same_code_in_another_case_is_the_same_code(apply):
    with pytest.raises(InvalidFileError) as refused:
        await apply(FULL, FULL | {"code": "Lose10"})
    assert "promoCodes[1].code" in [problem.field for problem in refused.value.problems]
