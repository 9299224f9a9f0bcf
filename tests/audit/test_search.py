"""Searching the audit: by person, act, record and time; page by page; as CSV; and that looking is on record itself."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane import events
from carelane.audit import queries, reads
from carelane.audit.reads import search_audit
from carelane.audit.schemas import AuditQuery
from carelane.audit.views import kind_of
from carelane.console.audit.states import WORDS
from carelane.event_names import MEANINGS
from carelane.kit.auth import Actor, system_actor
from tests.audit.conftest import URL
from tests.review.people import employ


def acts(found):
    return [entry["act"] for entry in found["entries"]]


async def assign(client, case_id, person):
    body = {"staffId": str(person.id)}
    answer = await client.post(f"/api/staff/cases/{case_id}/assign", json=body, headers=person.headers)
    assert answer.status_code == 200, answer.text


async def test_acts_and_reads_stand_in_one_list(client, open_case, clinician, ask):
    case_id, _patient_id = await open_case()
    await assign(client, case_id, clinician)
    await client.get(f"/api/staff/cases/{case_id}", headers=clinician.headers)
    found = await ask(record=case_id)
    assert {"CREATE_CASE", "ADD_CASE_ASSIGNEE", "READ"} <= set(acts(found))
    assert [entry["id"] for entry in found["entries"]] == sorted(
        (entry["id"] for entry in found["entries"]), reverse=True
    )
    given = next(entry for entry in found["entries"] if entry["act"] == "ADD_CASE_ASSIGNEE")
    assert (given["actorKind"], given["actorName"], given["recordKind"]) == ("staff", "Cora Berg", "staff")
    made = next(entry for entry in found["entries"] if entry["act"] == "CREATE_CASE")
    assert (made["actorKind"], made["actorName"], made["caseId"]) == ("key", "Storefront", case_id)
    read = next(entry for entry in found["entries"] if entry["actorName"] == "Cora Berg" and entry["what"] == "READ")
    assert (read["recordKind"], read["recordId"]) == ("case", case_id)
    assert read["reason"]
    # By its short id, too.
    short = await ask(record=made["caseShortId"].lower())
    assert [entry["id"] for entry in short["entries"]][1:] == [entry["id"] for entry in found["entries"]]


async def test_by_person_act_and_time(client, open_case, clinician, ask):
    case_id, _patient_id = await open_case()
    await assign(client, case_id, clinician)
    await client.get(f"/api/staff/cases/{case_id}", headers=clinician.headers)
    of_person = await ask(actor=clinician.id)
    assert {entry["actorId"] for entry in of_person["entries"]} == {str(clinician.id)}
    assert set(acts(await ask(actor=clinician.id, act="READ"))) == {"READ"}
    assert acts(await ask(actor=clinician.id, act="ADD_CASE_ASSIGNEE")) == ["ADD_CASE_ASSIGNEE"]
    assert acts(await ask(act="CREATE_CASE")) == ["CREATE_CASE"]
    assert all(entry["actorKind"] == "system" for entry in (await ask(actor="system"))["entries"])
    today = datetime.now(UTC).date()
    assert acts(await ask(act="CREATE_CASE", from_=today.isoformat())) == ["CREATE_CASE"]
    yesterday = (today - timedelta(days=1)).isoformat()
    assert acts(await ask(from_=yesterday, to=yesterday)) == []
    assert acts(await ask(act="CREATE_CASE", to=yesterday)) == []


async def test_of_a_patient_all_that_is_theirs(open_case, ask):
    case_id, patient_id = await open_case()
    other_id, _other = await open_case()
    found = await ask(record=patient_id)
    assert case_id in {entry["caseId"] for entry in found["entries"]}
    assert other_id not in {entry["caseId"] for entry in found["entries"]}


async def test_looking_is_on_record(client, open_case, clinician, admin, ask):
    _case_id, patient_id = await open_case()
    await ask(record=patient_id)
    seen = await client.get(f"/api/staff/patients/{patient_id}/reads", headers=clinician.headers)
    assert [(one["name"], one["reason"]) for one in seen.json()["sights"]][:1] == [("Ada Berg", "audit")]
    found = await ask()
    latest = found["entries"][0]
    assert (latest["act"], latest["recordKind"], latest["actorId"]) == ("READ", "patient", str(admin.id))


async def test_page_by_page(open_case, ask):
    for _ in range(3):
        await open_case()
    whole = await ask(act="CREATE_CASE")
    pages, after = [], {}
    while True:
        page = await ask(act="CREATE_CASE", limit=2, **after)
        pages += page["entries"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert pages == whole["entries"]


async def test_much_is_looked_through_in_parts(open_case, clinician, ask, monkeypatch, here, services):
    """By one person and one act no index leads: the page says how far it looked, and the next one goes on there."""
    actor = Actor(UUID(here.organization_id), "staff", clinician.id)
    async with services.db.transaction(actor) as conn:
        oldest = events.new_event(actor, "TEMPLATE_CHANGED", None)
        await events.record(conn, msgspec.structs.replace(oldest, id=UUID(int=oldest.id.int - (1_000 << 80))))
        await events.record(conn, *(events.new_event(actor, "SAVED_VIEW_CHANGED", None) for _ in range(4)))
    monkeypatch.setattr(queries, "_MOST_LOOKED_THROUGH", 3)

    admin = Actor(actor.organization_id, "staff", clinician.id, frozenset({"audit:read"}))
    query = AuditQuery(actor=str(clinician.id), act="TEMPLATE_CHANGED")
    first = await search_audit(services, admin, query)
    assert first.entries == []
    assert first.next is not None
    second = await search_audit(services, admin, AuditQuery(actor=query.actor, act=query.act, after=str(first.next)))
    assert [entry.act for entry in second.entries] == ["TEMPLATE_CHANGED"]
    assert second.next is None


async def test_what_could_tell_of_health_is_left_out(services, here, ask):
    actor = system_actor(UUID(here.organization_id))
    event = events.new_event(actor, "PATIENT_UPDATED", None, value_before="secret", value_after="secret")
    async with services.db.transaction(actor) as conn:
        await events.record(conn, msgspec.structs.replace(event, is_phi=True))
    found = await ask(act="PATIENT_UPDATED")
    assert [(one["valueBefore"], one["valueAfter"]) for one in found["entries"]] == [(None, None)]


async def test_as_csv(services, here, open_case, ask):
    await open_case()
    actor = system_actor(UUID(here.organization_id))
    async with services.db.transaction(actor) as conn:
        await events.record(conn, events.new_event(actor, "CART_UPDATED", None, value_after="=1+1", value_before="-5"))
    rows = list(csv.DictReader(io.StringIO(await ask("/export.csv"))))
    listed = await ask(limit=200)
    assert [row["id"] for row in rows] == [entry["id"] for entry in listed["entries"]]
    cart = next(row for row in rows if row["act"] == "CART_UPDATED")
    assert (cart["valueBefore"], cart["valueAfter"]) == ("'-5", "'=1+1")
    assert {row["act"] for row in csv.DictReader(io.StringIO(await ask("/export.csv", act="CREATE_CASE")))} == {
        "CREATE_CASE"
    }


async def test_an_export_goes_on_behind_its_batch(open_case, ask, monkeypatch, services, here):
    for _ in range(3):
        await open_case()
    monkeypatch.setattr(reads, "_BATCH", 2)
    actor = Actor(UUID(here.organization_id), "staff", uuid4(), frozenset({"audit:read"}))
    parts = [part async for part in await reads.export_audit(services, actor, AuditQuery(act="CREATE_CASE"))]
    assert len("".join(parts).splitlines()) == 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"actor": "somebody"}, "actor"),
        ({"act": "ORDER_EATEN"}, "act"),
        ({"from_": "last week"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"after": "first"}, "after"),
        ({"from_": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"from_": "2020-01-01", "to": "2026-01-01"}, "to"),
        ({"timezone": "Mars/Olympus", "from_": "2026-01-01"}, "timezone"),
    ],
)
async def test_a_bad_question(ask, query, field):
    for path in ("", "/export.csv") if "after" not in query else ("",):
        answer = await ask(path, 400, **query)
        assert field in {problem["field"] for problem in answer["errors"]}


async def test_who_may(client, services, here, elsewhere, open_case, clinician, ask):
    case_id, patient_id = await open_case()
    paths = ("", "/export.csv", "/actors", f"/patients/{patient_id}/disclosures", f"/patients/{patient_id}/readers")
    for path in (*paths, f"/patients/{patient_id}/disclosures.csv"):
        assert (await client.get(f"{URL}{path}")).status_code == 401
        await ask(path, 403, person=clinician)
    stranger = await employ(services, elsewhere, "Sten", role="ADMIN")
    assert (await ask(person=stranger, record=case_id))["entries"] == []
    assert (await ask(person=stranger, record=patient_id))["entries"] == []
    await ask(f"/patients/{patient_id}/disclosures", 404, person=stranger)
    await ask(f"/patients/{patient_id}/readers", 404, person=stranger)
    await ask(f"/patients/{patient_id}/disclosures.csv", 404, person=stranger)
    assert {one["name"] for one in await ask("/actors")} >= {"Ada Berg", "Cora Berg", "Storefront"}


def test_every_event_has_words():
    assert set(WORDS) == set(MEANINGS)
    assert all(kind_of(name) for name in MEANINGS)
