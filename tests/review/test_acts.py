"""Assigning, starting, comments, escalating, archiving: what each act does, records and refuses."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.detail.asking import create_case, read_case
from tests.factories.staff import hire
from tests.review.people import Desk, acts


async def test_assigning_gives_an_open_case_to_a_clinician(desk, ada, ben, cleo):
    standing = await desk.done(cleo, "assign", {"staffId": str(ada.id)})
    assert (standing["status"], standing["assignedTo"]["firstName"]) == ("ASSIGNED", "Ada")
    whole = await desk.read(ben)
    assert (whole["assignedBy"]["id"], whole["assignedTo"]["id"]) == (str(cleo.id), str(ada.id))
    assert [entry["assignee"]["firstName"] for entry in whole["assignees"]] == ["Ada"]
    assert acts(whole) == [("ADD_CASE_ASSIGNEE", "OPEN", "ASSIGNED")]


async def test_a_case_is_given_to_another_only_by_who_knows_who_has_it(desk, ada, ben, cleo):
    await desk.done(cleo, "assign", {"staffId": str(ada.id)})
    refused = await desk.act(cleo, "assign", {"staffId": str(ben.id)})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:carelane:case-held")
    assert "Ada Berg" in refused.json()["detail"]

    standing = await desk.done(cleo, "assign", {"staffId": str(ben.id), "insteadOf": str(ada.id)})
    assert standing["assignedTo"]["firstName"] == "Ben"
    whole = await desk.read(ben)
    assert [entry["assignee"]["firstName"] for entry in whole["assignees"]] == ["Ben"]
    assert acts(whole)[1:] == [("REMOVE_CASE_ASSIGNEE", None, None), ("ADD_CASE_ASSIGNEE", "ASSIGNED", "ASSIGNED")]


async def test_instead_of_somebody_when_nobody_has_it_is_a_conflict(desk, ada, ben):
    answer = await desk.act(ben, "assign", {"staffId": str(ada.id), "insteadOf": str(ben.id)})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carelane:case-held")


async def test_instead_of_oneself_is_refused(desk, ada):
    await desk.done(ada, "assign", {"staffId": str(ada.id)})
    answer = await desk.act(ada, "assign", {"staffId": str(ada.id), "insteadOf": str(ada.id)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "staffId")


@pytest.mark.parametrize("who", ["manager", "deactivated", "elsewhere", "nobody"])
async def test_only_an_active_clinician_of_the_clinic_is_given_a_case(desk, services, pier, cleo, stranger, who):
    gone = {"deactivated_at": datetime.now(UTC)}
    staff_id = {
        "manager": cleo.id,
        "elsewhere": stranger.id,
        "nobody": uuid4(),
        "deactivated": await hire(services, UUID(pier.organization_id), "Gone", "Away", **gone),
    }[who]
    answer = await desk.act(cleo, "assign", {"staffId": str(staff_id)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "staffId")
    assert "CASEWORKER" in answer.json()["errors"][0]["message"]


async def test_a_case_in_somebodys_hands_can_be_given_to_another(started, ada, ben, cleo):
    standing = await started.done(cleo, "assign", {"staffId": str(ben.id), "insteadOf": str(ada.id)})
    assert (standing["status"], standing["inProgressBy"]) == ("ASSIGNED", None)
    assert (await started.done(ben, "start"))["inProgressBy"]["firstName"] == "Ben"


async def test_starting_what_nobody_has_assigns_it_on_the_way(desk, ada):
    standing = await desk.done(ada, "start")
    assert (standing["status"], standing["inProgressBy"]["firstName"]) == ("IN_PROGRESS", "Ada")
    whole = await desk.read(ada)
    assert (whole["inProgressBy"], whole["assignedTo"]["id"]) == (str(ada.id), str(ada.id))
    assert acts(whole) == [
        ("ADD_CASE_ASSIGNEE", "OPEN", "ASSIGNED"),
        ("CHANGE_CASE_STATUS", "ASSIGNED", "IN_PROGRESS"),
    ]


async def test_an_assigned_case_is_started_by_its_clinician_alone(desk, ada, ben, cleo):
    await desk.done(cleo, "assign", {"staffId": str(ada.id)})
    refused = await desk.act(ben, "start")
    assert (refused.status_code, "Ada Berg" in refused.json()["detail"]) == (409, True)
    assert (await desk.done(ada, "start"))["status"] == "IN_PROGRESS"
    assert acts(await desk.read(ada))[-1] == ("CHANGE_CASE_STATUS", "ASSIGNED", "IN_PROGRESS")


async def test_a_case_taken_from_everybody_is_open_again(started, ada, cleo):
    standing = await started.done(cleo, "unassign")
    assert (standing["status"], standing["assignedTo"], standing["inProgressBy"]) == ("OPEN", None, None)
    whole = await started.read(ada)
    assert (whole["assignees"], whole["assignedAt"], whole["inProgressAt"]) == ([], None, None)
    assert acts(whole)[-1] == ("REMOVE_CASE_ASSIGNEE", "IN_PROGRESS", "OPEN")


async def test_what_the_state_forbids_names_the_state_and_what_is_possible(desk, ada, cleo):
    answer = await desk.act(cleo, "unassign")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carelane:case-state")
    assert "OPEN" in answer.json()["detail"]
    assert "assign, start, ask" in answer.json()["detail"]


async def test_a_comment_and_a_note_are_sealed_and_told_apart(client, pier, desk, ada, look):
    comment = await desk.done(ada, "comment", {"text": "Zephyr for the patient", "isRestricted": False})
    note = await desk.done(ada, "comment", {"text": "Zephyr among ourselves", "isRestricted": True})
    whole = await read_case(client, pier, desk.case_id)
    assert [(one["id"], one["text"]) for one in whole["comments"]] == [(comment["commentId"], "Zephyr for the patient")]
    assert [(one["id"], one["text"]) for one in whole["notes"]] == [(note["commentId"], "Zephyr among ourselves")]
    assert whole["notes"][0]["author"]["firstName"] == "Ada"
    restricted = [act["isRestricted"] for act in whole["activity"] if act["type"] == "ADD_CASE_COMMENT"]
    assert restricted == [False, True]
    stored = await look("SELECT text_sealed FROM comments WHERE case_id = %s", desk.case_id)
    assert len(stored) == 2
    assert all(b"Zephyr" not in sealed for (sealed,) in stored)
    targets = await look(
        "SELECT target_id::text FROM events WHERE case_id = %s AND type = 'ADD_CASE_COMMENT'", desk.case_id
    )
    assert {target for (target,) in targets} == {comment["commentId"], note["commentId"]}


async def test_asking_writes_a_comment_and_waits_for_the_patient(started, ada):
    standing = await started.done(ada, "ask", {"text": "How tall are you?"})
    assert standing["askedPatientAt"] == standing["waitsSince"]
    assert [one["text"] for one in (await started.read(ada))["comments"]] == ["How tall are you?"]


async def test_escalating_marks_the_case_and_keeps_the_text_as_a_note(desk, ada, cleo):
    assert (await desk.done(ada, "escalate", {"text": "Second look"}))["isEscalated"] is True
    twice = await desk.act(ada, "escalate", {})
    assert (twice.status_code, "deescalate" in twice.json()["detail"]) == (409, True)
    whole = await desk.read(ada)
    assert [one["text"] for one in whole["notes"]] == ["Second look"]
    assert acts(whole) == [("ESCALATE_CASE", None, None), ("ADD_CASE_COMMENT", None, None)]
    assert (await desk.done(cleo, "deescalate"))["isEscalated"] is False
    assert acts(await desk.read(ada))[-1] == ("DEESCALATE_CASE", None, None)
    assert (await desk.act(cleo, "deescalate")).status_code == 409


async def test_archiving_seals_its_note_and_reopening_forgets_it(client, pier, started, ada, cleo, look):
    await started.done(ada, "ask", {"text": "Still there?"})
    standing = await started.done(cleo, "archive", {"reason": "INELIGIBLE", "note": "Zephyr does not suit"})
    assert (standing["isArchived"], standing["status"], standing["possibleActs"]) == (True, "IN_PROGRESS", ["reopen"])
    assert standing["askedPatientAt"] is None
    whole = await read_case(client, pier, started.case_id)
    assert (whole["archiveReason"], whole["archiveNote"]) == ("INELIGIBLE", "Zephyr does not suit")
    assert (whole["closedBy"], whole["closedAt"] is None) == (str(cleo.id), False)
    assert acts(whole)[-1] == ("ARCHIVE_CASE", None, "INELIGIBLE")
    query = "SELECT archive_note_sealed, archive_note FROM cases WHERE id = %s"
    ((sealed, clear),) = await look(query, started.case_id)
    assert (b"Zephyr" in sealed, clear) == (False, None)

    standing = await started.done(cleo, "reopen")
    assert (standing["isArchived"], standing["status"], standing["inProgressBy"]["firstName"]) == (
        False,
        "IN_PROGRESS",
        "Ada",
    )
    whole = await read_case(client, pier, started.case_id)
    assert (whole["archiveReason"], whole["archiveNote"], whole["closedBy"], whole["closedAt"]) == (None,) * 4
    assert acts(whole)[-1] == ("REOPEN_CASE", "INELIGIBLE", None)
    assert await look(query, started.case_id) == [(None, None)]


async def test_an_archived_case_takes_nothing_but_reopening(started, ada, cleo):
    await started.done(cleo, "archive", {"reason": "RESOLVED"})
    bodies = {
        "assign": {"staffId": str(ada.id)},
        "comment": {"text": "x", "isRestricted": True},
        "ask": {"text": "x"},
        "archive": {"reason": "RESOLVED"},
        "decide": {"decisions": [{"productId": str(uuid4()), "outcome": "REJECTED"}]},
        "escalate": {},
    }
    for name in ("assign", "unassign", "start", "comment", "ask", "decide", "archive", "escalate", "deescalate"):
        answer = await started.act(ada, name, bodies.get(name))
        assert answer.status_code == 409, name
        assert answer.json()["detail"] == "the case is archived (RESOLVED); possible now: reopen"
    assert acts(await started.read(ada))[-1][0] == "ARCHIVE_CASE"


async def test_a_case_that_is_not_archived_cannot_be_reopened(desk, cleo):
    assert (await desk.act(cleo, "reopen")).status_code == 409


async def test_a_cart_that_was_left_can_be_commented_on_and_archived_only(client, pier, cleo, desk):
    person = {"firstName": "Iris", "lastName": "Marker", "email": f"{uuid4().hex}@patient.example"}
    body = {"status": "ABANDONED", "user": person, "products": [{"id": pier.product_id}]}
    answer = await client.post("/api/v1/cases", json=body, headers=pier.key)
    desk.case_id = answer.json()["data"]["caseId"]
    assert (await desk.act(cleo, "assign", {"staffId": str(cleo.id)})).status_code == 409
    standing = await desk.done(cleo, "archive", {"reason": "RESOLVED"})
    assert (standing["status"], standing["isArchived"]) == ("ABANDONED", True)


async def test_events_of_a_case_are_numbered_without_gaps(started, ada, look):
    await started.done(ada, "escalate", {"text": "x"})
    await started.done(ada, "comment", {"text": "x", "isRestricted": False})
    numbers = await look("SELECT case_sequence FROM events WHERE case_id = %s ORDER BY number", started.case_id)
    assert [number for (number,) in numbers] == [1, 2, 3, 4, 5, 6]


async def test_what_staff_do_to_a_test_case_is_marked_as_test(client, pier, ada, look):
    desk = Desk(client, await create_case(client, pier, isTest=True))
    await desk.done(ada, "start")
    assert await look("SELECT DISTINCT is_test FROM events WHERE case_id = %s", desk.case_id) == [(True,)]
