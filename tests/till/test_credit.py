"""/user/patient/{patient_id}/credit: granted, changed, deleted, and what of it can be spent."""

from uuid import UUID

import pytest

from carelane.ledger.schemas import Books
from tests.catalog.events import told_of
from tests.till.desk import problems

USD = Books("USD", False)
PAST, FUTURE = "2020-01-01T00:00:00Z", "2199-01-01T00:00:00Z"


async def test_credit_is_granted(desk, patient):
    told = {"comment": "For the wait", "expiryDate": FUTURE, "memberId": "m-1", "creatorId": desk.clinic.creator_id}
    granted = await desk.grant(patient, 5_000, **told, patientId=patient, externalId="x-1")
    assert (granted["patientId"], granted["amount"], granted["amountRemaining"]) == (patient, 5_000, 5_000)
    assert (granted["comment"], granted["memberId"], granted["updatedDate"]) == ("For the wait", "m-1", None)
    assert granted["creator"]["id"] == desk.clinic.creator_id
    assert await desk.credits(patient) == [granted]
    assert await desk.credit_in_books(patient, USD) == 5_000
    assert await told_of(desk.services, desk.clinic, UUID(granted["id"])) == [("CREDIT_GRANTED", "5000")]
    shown = (await desk.send("GET", f"/user/patient/{patient}")).json()
    assert shown["creditBalance"] == 5_000


async def test_both_cases_of_names_are_taken(desk, patient):
    granted = await desk.grant(patient, 100, amount_remaining=40, expiry_date=FUTURE)
    assert (granted["amount"], granted["amountRemaining"]) == (100, 40)
    assert granted["expiryDate"].startswith("2199-01-01")
    assert await desk.credit_in_books(patient, USD) == 40


async def test_what_is_available(desk, patient):
    first = await desk.grant(patient, 300)
    await desk.grant(patient, 500, expiryDate=PAST)
    third = await desk.grant(patient, 200, expiryDate=FUTURE, comment="Soon")
    await desk.grant(patient, 100, amountRemaining=0)
    answer = (await desk.send("GET", f"/user/patient/{patient}/credit/available")).json()
    assert (answer["totalAvailable"], answer["count"]) == (500, 2)
    assert [one["creditId"] for one in answer["credits"]] == [first["id"], third["id"]]
    assert (answer["credits"][1]["remainingAmount"], answer["credits"][1]["comment"]) == (200, "Soon")
    amounts = [one["amount"] for one in await desk.credits(patient)]
    assert amounts == [100, 200, 300]
    assert len(await desk.credits(patient, include_expired=True)) == 4
    assert [one["amount"] for one in await desk.credits(patient, include_used=False)] == [200, 300]
    # What has expired stands in the books, and is no balance.
    assert await desk.credit_in_books(patient, USD) == 1_000
    assert (await desk.send("GET", f"/user/patient/{patient}")).json()["creditBalance"] == 500


async def test_pages(desk, patient):
    made = [(await desk.grant(patient, cents))["id"] for cents in (1, 2, 3)]
    answer = (await desk.send("GET", f"/user/patient/{patient}/credit", page=2, per_page=2)).json()
    assert (answer["total"], [one["id"] for one in answer["data"]]) == (3, [made[0]])
    for wrong in ({"page": 0}, {"per_page": 101}, {"per_page": 0}):
        answer = await desk.send("GET", f"/user/patient/{patient}/credit", **wrong)
        assert problems(answer)[0][:2] == ("query", next(iter(wrong)))


async def test_a_credit_is_changed(desk, patient):
    granted = await desk.grant(patient, 1_000)
    path = f"/user/patient/{patient}/credit/{granted['id']}"
    answer = await desk.send("PATCH", path, {"amount": 1_500, "comment": "More", "expiryDate": FUTURE})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["amount"], changed["amountRemaining"], changed["comment"]) == (1_500, 1_500, "More")
    assert changed["updatedDate"] is not None
    answer = await desk.send("PATCH", path, {"amountRemaining": 200})
    assert (answer.json()["amount"], answer.json()["amountRemaining"]) == (1_500, 200)
    assert answer.json()["comment"] == "More"
    assert await desk.credit_in_books(patient, USD) == 200
    await desk.send("PATCH", path, {"expiryDate": PAST})
    assert await desk.available(patient) == 0
    await desk.send("PATCH", path, {"expiryDate": FUTURE})
    assert await desk.available(patient) == 200


async def test_an_amount_never_goes_below_what_was_spent(desk, patient):
    granted = await desk.grant(patient, 1_000)
    row = await desk.charge(patient, 600)
    assert (await desk.with_credit(row)).status_code == 200
    path = f"/user/patient/{patient}/credit/{granted['id']}"
    answer = await desk.send("PATCH", path, {"amount": 599})
    assert problems(answer) == [("body", "amount", "expected at least 600, which was spent of it")]
    answer = await desk.send("PATCH", path, {"amountRemaining": 401})
    assert problems(answer) == [("body", "amountRemaining", "expected at most 400: 600 was spent of it")]
    answer = await desk.send("PATCH", path, {"amount": 600})
    assert (answer.json()["amount"], answer.json()["amountRemaining"]) == (600, 0)


async def test_only_what_was_not_spent_is_deleted(desk, patient):
    granted = await desk.grant(patient, 1_000)
    row = await desk.charge(patient, 1)
    assert (await desk.with_credit(row)).status_code == 200
    path = f"/user/patient/{patient}/credit/{granted['id']}"
    refused = await desk.send("DELETE", path)
    assert (refused.status_code, refused.json()["detail"][:7]) == (409, "1 cents")
    other = await desk.grant(patient, 70)
    gone = await desk.send("DELETE", f"/user/patient/{patient}/credit/{other['id']}")
    assert (gone.status_code, gone.json()) == (200, {"id": other["id"], "deleted": True})
    assert (await desk.send("DELETE", f"/user/patient/{patient}/credit/{other['id']}")).status_code == 404
    assert await desk.available(patient) == 999 == await desk.credit_in_books(patient, USD)


async def test_who_asks_again_with_the_same_key_is_given_the_same_credit(desk, patient):
    path = f"/user/patient/{patient}/credit"
    first, second = [await desk.send("POST", path, {"amount": 9}, key=f"again-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    assert await desk.available(patient) == 9
    at = f"{path}/{first.json()['id']}"
    changes = [await desk.send("PATCH", at, {"amount": 19}, key=f"change-{patient}") for _ in range(2)]
    assert changes[0].json() == changes[1].json()
    gone = [await desk.send("DELETE", at, key=f"gone-{patient}") for _ in range(2)]
    assert [one.status_code for one in gone] == [200, 200]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["amount"]),
        ({"amount": 0}, ["amount"]),
        ({"amount": 10_000_000_000}, ["amount"]),
        ({"amount": "five"}, ["amount"]),
        ({"amount": 5, "amountRemaining": 6}, ["amountRemaining"]),
        ({"amount": 5, "amountRemaining": -1}, ["amountRemaining"]),
        ({"amount": 5, "expiryDate": "soon"}, ["expiryDate"]),
        ({"amount": 5, "expiryDate": "0001-01-01T00:00:00+10:00"}, ["expiryDate"]),
        ({"amount": 5, "comment": [], "memberId": "a/b", "externalId": [], "creatorId": "a/b"}, ["comment", "creatorId", "externalId", "memberId"]),
    ],
)  # fmt: skip
async def test_every_wrong_field_is_named(desk, patient, body, named):
    answer = await desk.send("POST", f"/user/patient/{patient}/credit", body)
    assert sorted(loc[1] for loc in problems(answer)) == named


async def test_what_a_change_gets_wrong_is_named(desk, patient):
    granted = await desk.grant(patient, 100)
    path = f"/user/patient/{patient}/credit/{granted['id']}"
    answer = await desk.send("PATCH", path, {"amount": 0, "amountRemaining": "x", "expiryDate": 5, "comment": []})
    assert sorted(loc[1] for loc in problems(answer)) == ["amount", "amountRemaining", "comment", "expiryDate"]
    answer = await desk.send("PATCH", path, {"amount": 10, "amountRemaining": 11})
    assert problems(answer) == [("body", "amountRemaining", "expected at most 10, the amount")]
    answer = await desk.send("PATCH", path, {"amountRemaining": 101})
    assert problems(answer)[0][:2] == ("body", "amountRemaining")


async def test_what_is_not_there(desk, stranger, patient):
    granted = await desk.grant(patient, 100)
    other, theirs = await desk.patient(), await stranger.patient()
    for who in ("nobody", theirs):
        for method, tail, body in (("GET", "", None), ("GET", "/available", None), ("POST", "", {"amount": 1})):
            assert (await desk.send(method, f"/user/patient/{who}/credit{tail}", body)).status_code == 404
    for path in (f"/user/patient/{other}/credit/{granted['id']}", f"/user/patient/{patient}/credit/none"):
        assert (await desk.send("PATCH", path, {"amount": 1})).status_code == 404
        assert (await desk.send("DELETE", path)).status_code == 404
    path = f"/user/patient/{patient}/credit/{granted['id']}"
    assert (await stranger.send("PATCH", path, {"amount": 1})).status_code == 404
    assert (await stranger.send("DELETE", path)).status_code == 404
    assert (await stranger.send("GET", f"/user/patient/{patient}/credit")).status_code == 404
    answer = await desk.send("POST", f"/user/patient/{patient}/credit", {"amount": 1, "creatorId": "nobody"})
    assert answer.status_code == 404
    answer = await desk.send("POST", f"/user/patient/{patient}/credit", {"amount": 1, "patientId": other})
    assert problems(answer) == [("body", "patientId", "expected the patient of the path, or nothing")]


async def test_who_may_not(desk, read_only, patient):
    granted = await desk.grant(patient, 100)
    at = f"/user/patient/{patient}/credit"
    asked = [("GET", at, None), ("GET", f"{at}/available", None), ("POST", at, {"amount": 1})]
    asked += [("PATCH", f"{at}/{granted['id']}", {"amount": 1}), ("DELETE", f"{at}/{granted['id']}", None)]
    for method, path, body in asked:
        assert (await desk.send(method, path, body, read_only)).status_code == 403, path
        assert (await desk.send(method, path, body, {})).status_code == 401, path


async def test_an_archived_patient_gets_no_more_credit(desk):
    patient = await desk.patient(archived_at="2020-01-01")
    answer = await desk.send("POST", f"/user/patient/{patient}/credit", {"amount": 1})
    assert (answer.status_code, answer.json()["detail"].endswith("archived; expected one that is not")) == (409, True)
    assert await desk.credits(patient) == []


async def test_what_was_paid_with_is_never_more_than_was_paid(desk, patient):
    """What staff add would be given back as cash with the rest of the payment."""
    payment = await desk.paid(await desk.charge(patient, 100), 400, credit_overpayment_amount=300)
    (credit,) = await desk.credits(patient)
    path = f"/user/patient/{patient}/credit/{credit['id']}"
    why = "which the payment brought; grant another credit instead"
    answer = await desk.send("PATCH", path, {"amount": 301})
    assert problems(answer) == [("body", "amount", f"expected at most 300, {why}")]
    assert (await desk.send("PATCH", path, {"amountRemaining": 200})).status_code == 200
    answer = await desk.send("PATCH", path, {"amountRemaining": 201})
    assert problems(answer) == [("body", "amountRemaining", f"expected at most 200, {why}")]
    assert (await desk.send("PATCH", path, {"comment": "Less"})).status_code == 200
    assert problems(await desk.refund(payment["id"], 301))[0][1] == "amount"
    assert (await desk.refund(payment["id"], 300)).status_code == 200
