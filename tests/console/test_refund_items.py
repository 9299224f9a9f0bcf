"""Giving items back on the page of a payment: what is offered, what is typed, what was wrong, and who may."""

import re
from uuid import UUID

import pytest

from carelane.sessions.access import COOKIE
from tests.charges.money import Till
from tests.console.world import sign_in
from tests.factories.charges import line, make_charge
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("items"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
async def till(client, services, clinic):
    return await Till.open(client, services, clinic)


@pytest.fixture
async def paid(services, clinic, till):
    """Three boxes and a visit, $2 off: $40, paid by card."""
    item = UUID(clinic.item_id)
    lines = [line("Boxes", 2_100, product_id=item, quantity=3), line("Visit", 2_100, product_id=item)]
    charge_id = await make_charge(services, clinic, *lines, discount_cents=200)
    payment_id, _ = await till.pay(charge_id, 4_000, patient_id=UUID(clinic.patient_id))
    return payment_id


@pytest.fixture
def look(client, ines):
    async def get(payment_id, member=ines) -> str:
        answer = await client.get(f"/console/payments/{payment_id}", cookies={COOKIE.name: member.token})
        assert answer.status_code == 200, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, ines):
    async def post(payment_id, fields, member=ines):
        return await client.post(
            f"/console/payments/{payment_id}/refund-items",
            data={"form_token": member.form_token, **fields},
            cookies={COOKIE.name: member.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


def offered(html):
    return dict(re.findall(r'name="(items\[\d\]\.id)" value="([0-9a-f-]+)"', html))


async def test_what_is_checked_is_granted_at_its_part_of_the_total(paid, look, send, till):
    html = await look(paid)
    boxes, visit = sorted(offered(html))
    assert "Boxes, $20.00" in html
    assert "Visit, $20.00" in html
    assert 'name="items[0].quantity" type="text" value="3"' in html
    one = {
        boxes: offered(html)[boxes],
        "items[0].quantity": "1",
        "itemsAgain": "$6.66",
        "itemsReason": "duplicate",
        "itemsComment": "Twice",
    }
    answer = await send(paid, one)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/payments/{paid}?done=granted"), (
        answer.text
    )
    kept = "SELECT r.amount_cents, r.reason, f.quantity, r.comment_sealed IS NOT NULL FROM refunds r JOIN refund_lines f ON f.refund_id = r.id WHERE r.payment_id = %s"
    assert await till.rows(kept, paid) == [(666, "duplicate", 1, True)]
    html = await look(paid)
    assert "Boxes, $13.34" in html
    # What is not checked is not sent on, whatever stands beside it; the second one alone is the first of the body.
    both = {visit: offered(html)[visit], "items[0].quantity": "2", "itemsAgain": "20"}
    assert (await send(paid, both)).status_code == 303
    assert offered(await look(paid)).keys() == {boxes}


@pytest.mark.parametrize(
    ("fields", "said", "place"),
    [
        ({"itemsAgain": "20.00"}, "Choose what goes back", "items"),
        ({"visit": "1"}, "Type what the chosen items come to", "itemsAgain"),
        ({"visit": "1", "itemsAgain": "19.99"}, "expected 20.00, which the items come to", "itemsAgain"),
        ({"visit": "1", "itemsAgain": "much"}, "Type an amount", "itemsAgain"),
        ({"boxes": "1", "items[0].quantity": "4", "itemsAgain": "26.00"}, "expected 1 to 3", "items[0].quantity"),
        ({"boxes": "1", "items[0].quantity": "x", "itemsAgain": "26.00"}, "", "items[0].quantity"),
    ],
)
async def test_what_is_wrong_is_said_where_it_is(paid, look, send, till, fields, said, place):
    ids = offered(await look(paid))
    typed = {name: text for name, text in fields.items() if name not in {"boxes", "visit"}}
    typed |= {name: ids[name] for name in sorted(ids) if ("boxes" if "[0]" in name else "visit") in fields}
    answer = await send(paid, typed)
    assert answer.status_code == 422, answer.text[:1000]
    assert f'id="e-{place}"' in answer.text
    assert said in answer.text
    assert await till.rows("SELECT count(*) FROM refunds WHERE payment_id = %s", paid) == [(0,)]


async def test_only_who_grants_and_sees_what_was_bought_is_offered_it(services, clinic, paid, look, send):
    ids = offered(await look(paid))
    for role in ("CASEWORKER", "SUPPORT"):
        member = await sign_in(services, clinic, role)
        assert offered(await look(paid, member)) == {}
        assert (await send(paid, ids | {"itemsAgain": "40.00"}, member)).status_code == 403
    manager = await sign_in(services, clinic, "CASEMANAGER")
    assert offered(await look(paid, manager)) == ids


async def test_what_was_not_owed_is_said_to_go_back(services, till, look):
    """A charge that was paid twice: nobody has to do anything, unless the gateway does not take it back."""
    charge_id = await till.charge(4_000)
    await till.pay(charge_id, 4_000)
    spare, _ = await till.pay(charge_id, 4_000)
    [(refund_id,)] = await till.rows("SELECT id FROM refunds WHERE payment_id = %s", spare)
    html = await look(spare)
    for text in ("$40.00 was more than was owed", "It goes back by itself", "Not owed any more when it came"):
        assert text in html
    assert 'action="/console/payments/' not in html
    await update_row(services, till.id, "refunds", refund_id, status="FAILED")
    await update_row(services, till.id, "payments", spare, stage="NEEDS_STAFF", failure="REFUND_FAILED")
    html = await look(spare)
    assert "It could not be given back by itself" in html
    assert f'action="/console/payments/{spare}/refund"' in html
