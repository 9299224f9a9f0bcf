"""Sales at the same moment as something else that happens to their patient."""

from uuid import uuid4

import pytest

from tests.charges.selling import CREATE
from tests.door import in_turn
from tests.factories.rows import insert_row


@pytest.mark.parametrize("is_sold_first", [True, False])
async def test_a_sale_and_a_merge_at_once_never_leave_a_charge_behind(money, client, owner_url, is_sold_first):
    here, mailbox = (money.services, money.id), f"{uuid4().hex}@x.example"
    person = {"first_name": "Robin", "last_name": "Vale"}
    kept, merged = [await insert_row(*here, "patients", **person, email=f"{n}{mailbox}") for n in range(2)]
    line = {"itemId": money.clinic.item_id, "quantity": 1, "price": 500}
    body = {"patientId": str(merged), "totalOutstanding": 500, "items": [line]}
    acts = [
        client.post(CREATE, json=body, headers=money.clinic.billing),
        client.post(f"/api/staff/patients/{kept}/merge", json={"otherId": str(merged)}, headers=money.manager),
    ]
    answers = await in_turn(owner_url, "patients", merged, *(acts if is_sold_first else acts[::-1]))
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    made = answers[0 if is_sold_first else 1].json()["id"]
    assert await money.rows("SELECT patient_id FROM charges WHERE id = %s", made) == [(kept,)]
