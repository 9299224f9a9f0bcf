"""/api/staff/billing: who may, whose it is, and what is refused; what it says is printed by `tests/docs/test_staff_billing_page.py`."""

import csv
import io
from datetime import date
from uuid import UUID, uuid4

import pytest

from carelane.kit.auth import system_actor
from carelane.payments.exports import reads
from carelane.payments.exports.access import KINDS, span_of
from tests.factories.charges import line, make_charge
from tests.factories.payments import charge
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.review.people import employ

URL = "/api/staff/billing"
DAYS = "from=2020-01-01&until=2029-12-31"
LISTS = ("charges", "refunds", "disputes", "credits", "ledger", "books", f"exports/ledger/count?{DAYS}")


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("staff"))


@pytest.fixture(scope="module")
async def people(services, clinic):
    return {
        role: await employ(services, clinic, role.title(), role=role, npi=None, licenses={})
        for role in ("ADMIN", "CASEWORKER", "SUPPORT")
    }


@pytest.fixture(scope="module")
async def stranger(services, tmp_path_factory):
    other = await make_clinic(services, tmp_path_factory.mktemp("other"))
    return await employ(services, other, "Wanda", role="ADMIN", npi=None, licenses={})


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_wants_a_session_and_its_right(client, people, path):
    assert (await client.get(f"{URL}/{path}")).status_code == 401
    names_patients = path.startswith(("charges", "credits", "exports"))
    answer = await client.get(f"{URL}/{path}", headers=people["SUPPORT"].headers)
    assert answer.status_code == (403 if names_patients else 200)
    assert (await client.get(f"{URL}/{path}", headers=people["CASEWORKER"].headers)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "charges?from=soon", "charges?total=5", "charges?color=red", "charges?page=0", "refunds?status=GONE", "refunds?after=x",
        "disputes?until=2026-13-01", "credits?standing=OLD",
        "credits?limit=101", "refunds?limit=101", "ledger?account=pocket", "ledger?chargeId=x", "ledger?tz=Nowhere",
        "exports/ledger/count", "exports/ledger/count?from=1900-01-01&until=2029-01-01", "exports/ledger/rows.csv?from=x&until=y",
    ],
)  # fmt: skip
async def test_what_is_no_filter_is_refused(client, people, path):
    answer = await client.get(f"{URL}/{path}", headers=people["ADMIN"].headers)
    assert answer.status_code == 400, answer.text


async def test_another_clinics_records_are_not_there(client, services, clinic, people, stranger):
    sold = await make_charge(services, clinic, line("Drops", 700))
    for path in (
        f"charges/{sold}",
        f"disputes/{uuid4()}/evidence",
        "disputes/none/evidence",
        f"exports/people/count?{DAYS}",
    ):
        assert (await client.get(f"{URL}/{path}", headers=stranger.headers)).status_code == 404
    adjusted = {"chargeId": str(sold), "amount": -100, "reason": "Mine"}
    for person, status in ((stranger, 404), (people["CASEWORKER"], 403), (people["ADMIN"], 200)):
        answer = await client.post(f"{URL}/adjustment/create", json=adjusted, headers=person.headers)
        assert answer.status_code == status
    shown = (await client.get(f"{URL}/charges/{sold}", headers=people["ADMIN"].headers)).json()
    assert (shown["charge"]["totalOutstanding"], shown["currency"], shown["isTest"]) == (600, "USD", False)
    assert [entry["type"] for entry in shown["timeline"]] == ["CHARGE", "ADJUSTMENT"]
    postings = (await client.get(f"{URL}/ledger?chargeId={sold}", headers=people["ADMIN"].headers)).json()["postings"]
    assert [(one["act"], one["amount"], one["by"]) for one in postings] == [
        ("ADJUSTMENT", "1.00", "Admin Berg"),
        ("CHARGE", "7.00", None),
    ]
    assert all(one["source"] == {"kind": "charge", "id": str(sold)} for one in postings)


async def test_what_is_sent_again_with_its_key_is_done_once(client, clinic, people):
    path = f"{URL}/patient/{clinic.patient_id}/credit"
    assert (await client.post(path, json={"amount": 500}, headers=people["CASEWORKER"].headers)).status_code == 403
    headers = people["ADMIN"].headers | {"Idempotency-Key": uuid4().hex}
    first, again = [await client.post(path, json={"amount": 300}, headers=headers) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    assert (await client.post(path, json={"amount": 0}, headers=people["ADMIN"].headers)).status_code == 400


async def test_lists_go_on_from_where_a_page_ended(client, services, clinic, people):
    here, own = (services, UUID(clinic.organization_id)), {"headers": people["ADMIN"].headers}
    sold = await make_charge(services, clinic, line("Pads", 900))
    paid = await charge(*here, None, 900, charge_id=sold, patient_id=UUID(clinic.patient_id))
    made = [
        await insert_row(*here, "refunds", payment_id=paid, amount_cents=100 + n, currency="USD", status="CANCELED")
        for n in range(3)
    ]
    found, onward = [], ""
    while onward is not None:
        after = f"&after={onward}" if onward else ""
        answer = (await client.get(f"{URL}/refunds?status=CANCELED&limit=2{after}", **own)).json()
        found += [one["id"] for one in answer["refunds"]]
        onward = answer["next"]
    assert found == [str(one) for one in reversed(made)]
    books = (await client.get(f"{URL}/books", **own)).json()
    owed = {one["currency"]: float(one["balance"]) for one in books["patients"]}
    others = sum(float(one["balance"]) for one in books["accounts"])
    assert abs(owed["USD"] + others) < 0.005


async def test_an_export_has_as_many_rows_as_it_said(client, services, clinic, people):
    own = {"headers": people["ADMIN"].headers}
    for number in range(3):
        await make_charge(services, clinic, line(f"+{number}", 100 + number))
    counted = (await client.get(f"{URL}/exports/charges/count?{DAYS}", **own)).json()
    answer = await client.get(f"{URL}/exports/charges/rows.csv?{DAYS}", **own)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert counted == {"rows": len(rows), "isAtLeast": False}
    assert {"'+0", "'+1", "'+2"} <= {row["sold"] for row in rows}
    moments = [row["created_at"] for row in rows]
    assert moments == sorted(moments)


async def test_a_long_export_is_read_page_by_page(services, clinic, monkeypatch):
    actor = system_actor(UUID(clinic.organization_id))
    span = span_of(date(2020, 1, 1), date(2029, 12, 31), None)

    async def whole(kind):
        return "".join([part async for part in await reads.begin_export(services, actor, kind, span)])

    for kind in KINDS:
        at_once = await whole(kind)
        monkeypatch.setattr(reads, "PAGE", 2)
        assert await whole(kind) == at_once
        monkeypatch.undo()
