"""To whom a patient was disclosed, and who may see one."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

from carelane.audit.disclosures import queries, reads
from carelane.audit.disclosures.schemas import DisclosureQuery
from carelane.audit.disclosures.views import to_csv
from carelane.kit import clock
from carelane.kit.auth import Actor
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row

LONG_AGO = datetime(2023, 5, 2, 12, tzinfo=UTC)


def told(report, kind):
    return [one for one in report["disclosures"] if one["kind"] == kind]


async def _tell(services, here, case_id, patient_id):
    """A pharmacy has an order, an endpoint a delivery, a mail left, a link was opened; and a webhook was told long ago."""
    own = services, UUID(here.organization_id)
    shop = await add_pharmacy(*own, name="=Corner Pharmacy")
    await place_order(*own, UUID(case_id), sent_at=clock.now(), pharmacy_id=shop, status="ACCEPTED")
    endpoint = await insert_row(
        *own, "webhook_endpoints", name="Shop", url="https://shop.example/hooks", secret_sealed=b"x", events=[]
    )
    async with services.db.reading(own[1]) as conn:
        cursor = await conn.execute(
            "SELECT id FROM events WHERE organization_id = %s AND case_id = %s AND type = 'CREATE_CASE'",
            (own[1], case_id),
        )
        row = await cursor.fetchone()
    delivery = {"endpoint_id": endpoint, "event_id": row[0], "case_id": UUID(case_id), "delivered_at": clock.now()}
    # The first try failed; what was repeated arrived.
    failed = await insert_row(
        *own, "webhook_deliveries", status="FAILED", next_attempt_at=None, **delivery | {"delivered_at": None}
    )
    replay = {"status": "DELIVERED", "next_attempt_at": None, "replay_of_id": failed}
    await insert_row(*own, "webhook_deliveries", **replay, **delivery)
    mail = {"kind": "SIGN_IN_CODE", "channel": "MAIL", "record_kind": "patient", "record_id": UUID(patient_id)}
    await insert_row(*own, "messages", status="SENT", due_at=None, settled_at=clock.now(), **mail)
    read = {"actor_kind": "system", "record_kind": "case", "record_id": UUID(case_id)}
    await insert_row(*own, "phi_reads", reason="signed link", **read)
    await insert_row(*own, "phi_reads", reason="webhook", created_at=LONG_AGO, **read)
    # Told by the delivery already.
    await insert_row(*own, "phi_reads", reason="webhook", **read)


async def test_what_was_told_to_whom_and_why(services, here, open_case, ask):
    case_id, patient_id = await open_case(firstName="Ana", lastName="Quill")
    await _tell(services, here, case_id, patient_id)
    report = await ask(f"/patients/{patient_id}/disclosures")
    assert (report["firstName"], report["lastName"], report["isCut"]) == ("Ana", "Quill", False)
    (order,) = told(report, "PHARMACY")
    assert order["recipient"] == "=Corner Pharmacy"
    assert (order["why"], order["times"]) == ("Treatment", 1)
    (webhook,) = told(report, "WEBHOOK")
    assert webhook["recipient"] == "Shop, https://shop.example/hooks"
    assert webhook["what"] == "The case in full, at: create case"
    (old,) = told(report, "OLD_WEBHOOK")
    assert old["day"] == "2023-05-02"
    assert "no longer on record" in old["recipient"]
    (message,) = told(report, "MESSAGE")
    assert (message["recipient"], message["what"]) == ("The patient, by mail", "A code to sign in")
    assert len(told(report, "LINK")) == 1
    (program,) = told(report, "PROGRAM")
    assert (program["recipient"], program["caseShortId"]) == ("Storefront", order["caseShortId"])
    assert report["knowledge"] == {"webhookDays": 30, "messageDays": 400}
    assert [one["at"] for one in report["disclosures"]] == sorted(
        (one["at"] for one in report["disclosures"]), reverse=True
    )
    await _other_days(ask, patient_id)
    await _as_csv(ask, patient_id, report)


async def test_many_reads_do_not_hide_what_was_told_before(services, here, open_case, monkeypatch):
    monkeypatch.setattr(queries, "_MOST_OF_ONE", 3)
    monkeypatch.setattr(reads, "MOST_SHOWN", 10)
    case_id, patient_id = await open_case()
    own = services, UUID(here.organization_id)
    read = {"record_kind": "case", "record_id": UUID(case_id), "reason": "case detail"}
    await insert_row(*own, "phi_reads", actor_kind="key", created_at=LONG_AGO, **read)
    mail = {"kind": "SIGN_IN_CODE", "channel": "MAIL", "record_kind": "patient", "record_id": UUID(patient_id)}
    await insert_row(*own, "messages", status="SENT", due_at=None, settled_at=LONG_AGO, **mail)
    for _number in range(11):
        await insert_row(*own, "phi_reads", actor_kind="key", **read)
        await insert_row(*own, "phi_reads", actor_kind="staff", created_at=LONG_AGO, **read)
        await insert_row(*own, "messages", status="FAILED", due_at=None, settled_at=LONG_AGO, **mail)
    reader = Actor(own[1], "staff", scopes=frozenset({"audit:read"}))
    of_may = DisclosureQuery(first="2023-05-01", last="2023-05-31")
    part = await reads.list_disclosures(services, reader, patient_id, of_may)
    assert {one.kind for one in part.disclosures} == {"PROGRAM", "MESSAGE"}
    assert not part.is_cut
    assert "There is more" not in to_csv(part)
    # A line a day and recipient: few lines, and yet not all was looked at.
    whole = await reads.list_disclosures(services, reader, patient_id, DisclosureQuery())
    assert len(whole.disclosures) < 10
    assert whole.is_cut
    assert "There is more" in to_csv(whole)


async def _other_days(ask, patient_id):
    of_may = await ask(f"/patients/{patient_id}/disclosures", from_="2023-05-01", to="2023-05-31")
    assert [one["kind"] for one in of_may["disclosures"]] == ["OLD_WEBHOOK"]
    bad = await ask(f"/patients/{patient_id}/disclosures", 400, from_="yesterday")
    assert [problem["field"] for problem in bad["errors"]] == ["from"]


async def _as_csv(ask, patient_id, report):
    rows = list(csv.reader(io.StringIO(await ask(f"/patients/{patient_id}/disclosures.csv"))))
    assert rows[0][:2] == ["Disclosures", "Ana Quill"]
    assert rows[1] == ["Date", "To whom", "What", "Why", "Case", "Times"]
    assert "'=Corner Pharmacy" in {row[1] for row in rows}
    assert len(rows) - 2 == len(report["disclosures"])


async def test_nothing_of_others(services, here, open_case, ask):
    case_id, patient_id = await open_case()
    _other_case, other_id = await open_case()
    await _tell(services, here, case_id, patient_id)
    report = await ask(f"/patients/{other_id}/disclosures")
    assert {one["kind"] for one in report["disclosures"]} == {"PROGRAM"}


async def test_who_may_see_a_patient(client, services, here, open_case, clinician, admin, ask):
    case_id, patient_id = await open_case()
    await client.get(f"/api/staff/cases/{case_id}", headers=clinician.headers)
    gone = await insert_row(
        services,
        UUID(here.organization_id),
        "staff",
        email="gone@clinic.example",
        first_name="Gus",
        last_name="Gone",
        role="SUPPORT",
        deactivated_at=clock.now(),
    )
    looked = {"actor_kind": "staff", "actor_id": gone, "record_kind": "case", "record_id": UUID(case_id)}
    await insert_row(services, UUID(here.organization_id), "phi_reads", reason="case detail", **looked)
    found = await ask(f"/patients/{patient_id}/readers")
    of = {reader["name"]: reader for reader in found["readers"]}
    assert of["Cora Berg"]["opensBy"] == ["cases:read", "patients:read", "billing:read"]
    assert of["Cora Berg"]["times"] == 1
    assert of["Cora Berg"]["lastAt"]
    assert of["Gus Gone"]["opensBy"] == []
    assert not of["Gus Gone"]["isActive"]
    assert "cases:read" in of["Storefront"]["opensBy"]
    assert of["Storefront"]["times"] == 1
    assert (of["Server"]["times"], of["Server"]["lastAt"]) == (0, None)
    assert found["cannot"] == ["SUPPORT"]
    # The question is on record by now.
    again = await ask(f"/patients/{patient_id}/readers")
    assert {reader["id"]: reader["times"] for reader in again["readers"]}[str(admin.id)] == 1


async def test_a_merged_record_stands_for_the_one_that_stayed(services, here, open_case, ask):
    _case_id, patient_id = await open_case()
    merged = await insert_row(
        services,
        UUID(here.organization_id),
        "patients",
        email="old@patient.example",
        first_name="Old",
        last_name="Name",
        archived_at=clock.now() - timedelta(days=1),
        merged_into_id=UUID(patient_id),
    )
    report = await ask(f"/patients/{merged}/disclosures")
    assert report["patientId"] == patient_id
