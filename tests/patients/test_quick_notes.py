"""What the front desk writes down about a patient: sealed, read with a record of it, changed and deleted."""

from uuid import UUID

import pytest

from tests.factories.staff import hire
from tests.patients.conftest import places, problems

READS = "SELECT record_id, reason FROM phi_reads WHERE organization_id = %s AND reason LIKE 'quick note%%' ORDER BY id"
EVENTS = (
    "SELECT target_id, value_after FROM events WHERE organization_id = %s AND type = 'QUICK_NOTE_CHANGED' ORDER BY id"
)


@pytest.fixture
def note(good, here):
    async def make(patient, text="Prefers mornings.", **more):
        body = {"patientId": patient["id"], "note": text, "creatorId": here.creator_id} | more
        return await good("POST", "/quick-note/create", body)

    return make


async def test_a_note_is_made_read_changed_and_deleted(create, note, good, ask, here):
    patient = await create(id="pat_noted", firstName="Ada")
    made = await note(patient, eventId="evt_1", externalId="crm-5")
    assert (made["patientId"], made["note"], made["eventId"]) == ("pat_noted", "Prefers mornings.", "evt_1")
    assert (made["creator"]["id"], made["creator"]["type"]) == (here.creator_id, "PROVIDER")
    assert (made["updatedDate"], made["isArchived"]) == (None, False)
    assert await good("GET", f"/quick-note/{made['id']}") == made
    newer = await note(patient, "Bring the form.")
    assert await good("GET", "/quick-note/list/pat_noted") == [newer, made]
    changed = await good("PUT", f"/quick-note/update/{made['id']}", {"note": "Prefers evenings.", "event_id": None})
    assert changed == made | {"note": "Prefers evenings.", "updatedDate": changed["updatedDate"]}
    assert changed["updatedDate"] is not None
    moved = await good("PUT", f"/quick-note/update/{made['id']}", {"eventId": "evt_2"})
    assert (moved["note"], moved["eventId"]) == ("Prefers evenings.", "evt_2")
    assert await good("DELETE", f"/quick-note/{made['id']}") is True
    for method, path in (("GET", ""), ("DELETE", ""), ("PUT", "/update")):
        answer = await ask(method, f"/quick-note{path}/{made['id']}", {"note": "x"} if method == "PUT" else None)
        assert (answer.status_code, answer.json()) == (404, {"detail": f"no quick note {made['id']} here"})
    assert await good("GET", "/quick-note/list/pat_noted") == [newer]


async def test_the_text_is_sealed_and_every_look_is_recorded(create, note, good, rows):
    patient = await create(firstName="Ada")
    made = await note(patient, "Afraid of needles.")
    ((sealed,),) = await rows("SELECT note_sealed FROM quick_notes WHERE organization_id = %s")
    assert b"needles" not in bytes(sealed)
    await good("GET", f"/quick-note/{made['id']}")
    await good("GET", f"/quick-note/list/{patient['id']}")
    whose = UUID(patient["id"])
    assert await rows(READS) == [(whose, "quick note of a patient"), (whose, "quick notes of a patient")]
    await good("PUT", f"/quick-note/update/{made['id']}", {"note": "Not any more."})
    await good("DELETE", f"/quick-note/{made['id']}")
    assert await rows(EVENTS) == [(whose, "CREATED"), (whose, "CHANGED"), (whose, "ARCHIVED")]


async def test_every_fault_is_named(create, note, ask, here):
    wrong = {"patientId": "", "note": 5, "creatorId": "a/b", "eventId": "x" * 501, "externalId": []}
    assert sorted(places(await ask("POST", "/quick-note/create", wrong))) == sorted(["body", name] for name in wrong)
    needed = problems(await ask("POST", "/quick-note/create", {"eventId": "evt_1"}))
    assert sorted(text for _, text in needed) == ["creatorId is required", "note is required", "patientId is required"]
    patient = await create(firstName="Ada")
    made = await note(patient)
    for text in (" \n", "\u200b", "x" * 5_001):
        body = {"patientId": patient["id"], "note": text, "creatorId": here.creator_id}
        assert places(await ask("POST", "/quick-note/create", body)) == [["body", "note"]]
        assert places(await ask("PUT", f"/quick-note/update/{made['id']}", {"note": text})) == [["body", "note"]]


async def test_whoever_is_named_must_be_there(create, ask, services, here, good):
    patient = await create(firstName="Ada")
    body = {"patientId": patient["id"], "note": "x", "creatorId": here.creator_id}
    for wrong, text in (
        ({"patientId": "pat_none"}, "no patient pat_none here"),
        ({"creatorId": "prov_none"}, "no member of staff prov_none here"),
    ):
        answer = await ask("POST", "/quick-note/create", body | wrong)
        assert (answer.status_code, answer.json()) == (404, {"detail": text})
    support = await hire(services, UUID(here.organization_id), "Sam", "Hill", role="SUPPORT")
    assert places(await ask("POST", "/quick-note/create", body | {"creatorId": str(support)})) == [
        ["body", "creatorId"]
    ]
    await good("POST", "/archive", {"patientIds": [patient["id"]]})
    assert (await ask("POST", "/quick-note/create", body)).status_code == 409


async def test_sent_again_it_is_written_once(create, ask, here, good):
    patient = await create(firstName="Ada")
    body = {"patientId": patient["id"], "note": "Once.", "creatorId": here.creator_id}
    first, again = [
        await ask("POST", "/quick-note/create", body, headers={"Idempotency-Key": "note-1"}) for _ in range(2)
    ]
    assert first.json() == again.json()
    assert await good("GET", f"/quick-note/list/{patient['id']}") == [first.json()]


async def test_what_is_known_of_a_merged_record_goes_with_it(create, note, good, merge, undo):
    kept, other = await create(firstName="Ada"), await create(firstName="Ada")
    made = await note(other)
    merged = await merge(kept["id"], other["id"])
    assert merged["moved"]["quickNotes"] == 1
    for ref in (kept["id"], other["id"]):
        assert await good("GET", f"/quick-note/list/{ref}") == [made | {"patientId": kept["id"]}]
    await undo(merged["id"])
    assert await good("GET", f"/quick-note/list/{kept['id']}") == []
    assert await good("GET", f"/quick-note/list/{other['id']}") == [made]
