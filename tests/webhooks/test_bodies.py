"""The body of every event that is recorded: names, places and shapes as the reference lists them (its section 9)."""

import base64
from typing import get_args
from uuid import UUID

import msgspec
import pytest

from carelane.cases.schemas import MedicationIn
from carelane.event_names import EventType
from carelane.webhooks.endpoints.schemas import SUBSCRIBABLE
from tests.detail.asking import create_case, read_case
from tests.factories.conversations import comment
from tests.factories.decisions import decide, prescribe
from tests.factories.documents import attach
from tests.factories.orders import place_order
from tests.factories.staff import hire
from tests.webhooks.cast import happen

ACTIVITY = {"id", "type", "isPHI", "isRestricted", "timestamp", "valueBefore", "valueAfter", "actor", "targetUser"}
BASIC = {"id", "shortId", "status", "title", "type", "createdAt", "updatedAt", "isTest", "organizationId"}
DECISION = {"id", "isApproved", "isNoDecision", "startDate", "endDate", "decisionText", "category", "createdAt", "visitType",
            "addedBy", "medInfo"}  # fmt: skip
MED_INFO = {"id", "medicine", "dosage", "refillCount", "pharmacyInstructions", "dosingFrequency", "externalId", "isRefill",
            "treatmentPeriod"}  # fmt: skip
COMMENT = {"id", "text", "isRestricted", "createdAt", "author", "attachments", "forms"}
ATTACHMENT = {"id", "isRestricted", "isPHI", "fileName", "isDeleted", "createdAt", "uploadedBy"}
AUTHOR = {"id", "firstName", "lastName", "email", "role", "title", "titleSuffix", "npi", "dea", "organizationAccess"}
PERSON = {"id", "firstName", "lastName", "email"}


@pytest.fixture
async def told(client, clinic, services, hook):
    """Records an event on a new case, and returns its body as an endpoint of that kind gets it."""

    async def tell(make=None, *, endpoint=None, **event):
        hooked = await hook(events=[event["type"]], **(endpoint or {}))
        organization_id, case_id = UUID(clinic.organization_id), await create_case(client, clinic)
        target = await make(organization_id, case_id) if make else {}
        if event["type"] != "CREATE_CASE":
            await happen(services, organization_id, case_id, **event, **target)
        (request,) = await hooked.gets(event["type"])
        return request.json

    return tell


@pytest.fixture
def doctor(services, clinic):
    return lambda: hire(services, UUID(clinic.organization_id), "Nora", "Quist", npi="1234567893")


async def test_a_whole_case_is_as_the_case_detail_shows_it(client, clinic, told):
    body = await told(type="CREATE_CASE")
    shown = body["payload"]["case"]
    everything = dict.fromkeys(
        ("includeAttachments", "includeOrders", "includeCalendarEvents", "includeCaseProducts"), "true"
    )
    detail = await read_case(client, clinic, shown["id"], **everything, documentFormat="url")
    assert shown.pop("organizationId") == clinic.organization_id
    assert shown == detail
    assert shown["responses"][0]["responses"][0]["text"] == "138 lbs"


async def test_the_envelope_holds_the_event_its_number_and_its_moment(told):
    body = await told(type="CREATE_CASE")
    assert list(body) == ["event", "payload", "id", "sequence", "timestamp"]
    assert (body["event"], body["sequence"]) == ("CREATE_CASE", 1)
    activity = body["payload"]["activity"]
    assert set(activity) == ACTIVITY
    assert (activity["id"], activity["type"], activity["timestamp"]) == (body["id"], "CREATE_CASE", body["timestamp"])
    assert activity["id"] in [entry["id"] for entry in body["payload"]["case"]["activity"]]


async def test_only_event_data_holds_the_basics_of_the_case(told):
    body = await told(
        type="CHANGE_CASE_STATUS", value_before="OPEN", value_after="ASSIGNED", endpoint={"payload": "EVENT_ONLY"}
    )
    assert set(body["payload"]) == {"case", "activity"}
    assert set(body["payload"]["case"]) == BASIC
    assert (body["payload"]["activity"]["valueBefore"], body["payload"]["activity"]["valueAfter"]) == (
        "OPEN",
        "ASSIGNED",
    )


@pytest.mark.parametrize("payload", ["FULL_CASE", "EVENT_ONLY"])
async def test_a_decision_stands_beside_the_case(told, services, doctor, payload):
    added_by = await doctor()

    async def make(organization_id, case_id):
        decision_id = await decide(services, organization_id, case_id, added_by, "Fit for it", is_approved=True)
        await prescribe(services, organization_id, decision_id, MedicationIn(medicine="Minoxidil"))
        return {"target_id": decision_id, "by": added_by}

    body = await told(make, type="ADD_CASE_DECISION", endpoint={"payload": payload})
    decision = body["payload"]["decision"]
    assert set(decision) >= DECISION
    assert set(decision["medInfo"][0]) >= MED_INFO
    assert (decision["decisionText"], decision["medInfo"][0]["medicine"]) == ("Fit for it", "Minoxidil")
    assert decision["addedBy"]["npi"] == "1234567893"
    assert set(body["payload"]["activity"]["actor"]) == PERSON
    assert body["payload"]["activity"]["actor"]["lastName"] == "Quist"
    assert (set(body["payload"]["case"]) == BASIC) == (payload == "EVENT_ONLY")


@pytest.mark.parametrize("is_restricted", [False, True])
async def test_a_comment_and_a_note_come_under_both_names(told, services, doctor, is_restricted):
    author = await doctor()

    async def make(organization_id, case_id):
        values = {"is_restricted": is_restricted, "author_staff_id": author}
        comment_id = await comment(services, organization_id, case_id, "Call her back", **values)
        await attach(services, organization_id, case_id, b"scan", "scan.txt", comment_id=comment_id)
        return {"target_id": comment_id}

    payload = (await told(make, type="ADD_CASE_COMMENT", endpoint={"payload": "EVENT_ONLY"}))["payload"]
    assert payload["comment"] == payload["comments"]
    assert set(payload["comment"]) == COMMENT
    assert (payload["comment"]["text"], payload["comment"]["isRestricted"]) == ("Call her back", is_restricted)
    assert payload["comment"]["author"]["firstName"] == "Nora"
    assert payload["comment"]["attachments"][0]["fileName"] == "scan.txt"
    assert set(payload["comments"]["author"]) == AUTHOR
    assert payload["comments"]["author"]["role"] == "CASEWORKER"


@pytest.mark.parametrize("payload", ["FULL_CASE", "EVENT_ONLY"])
async def test_an_added_form_stands_beside_the_case_with_its_answers(told, owner, payload):
    async def make(_, case_id):
        ((response_id,),) = await owner("SELECT id FROM form_responses WHERE case_id = %s LIMIT 1", case_id)
        return {"target_id": response_id}

    body = (await told(make, type="ADD_FORM_RESPONSE", endpoint={"payload": payload}))["payload"]
    assert set(body["form"]) == {"id", "name", "description"}
    assert body["response"]["form"] == body["form"]
    assert body["response"]["responses"] == body["responses"]
    assert set(body["responses"][0]["question"]) == {"index", "type", "text", "isPHI", "options", "required"}
    assert body["responses"][0]["text"] == "138 lbs"


@pytest.mark.parametrize("event", ["CASE_PRODUCT_ADDED", "CASE_PRODUCT_CLOSED"])
async def test_a_product_of_the_case_is_shown(told, owner, event):
    async def make(_, case_id):
        ((product_id,),) = await owner("SELECT id FROM case_products WHERE case_id = %s LIMIT 1", case_id)
        return {"target_id": product_id}

    body = (await told(make, type=event, endpoint={"payload": "EVENT_ONLY"}))["payload"]
    assert set(body) == {"case", "caseProduct", "activity"}
    assert body["caseProduct"]["organizationProduct"]["name"] == "Tablets"


async def test_of_a_deleted_document_only_that_is_told(told, services):
    async def make(organization_id, case_id):
        return {"target_id": await attach(services, organization_id, case_id, b"lab result", "lab.txt")}

    attachment = (await told(make, type="DELETE_ATTACHMENT", endpoint={"payload": "EVENT_ONLY"}))["payload"][
        "attachment"
    ]
    assert set(attachment) == {"id", "isDeleted"}
    assert attachment["isDeleted"] is True


async def test_a_document_comes_in_base64(told, services):
    async def make(organization_id, case_id):
        return {
            "target_id": await attach(services, organization_id, case_id, b"lab result", "lab.txt", is_restricted=True)
        }

    style = {"documentFormat": "BASE64", "payload": "EVENT_ONLY"}
    attachment = (await told(make, type="ADD_CASE_ATTACHMENT", endpoint=style))["payload"]["attachment"]
    assert set(attachment) == ATTACHMENT | {"content"}
    assert base64.b64decode(attachment["content"]) == b"lab result"
    assert attachment["isRestricted"] is True


async def test_a_document_comes_as_a_link_that_opens(told, services, client):
    async def make(organization_id, case_id):
        return {"target_id": await attach(services, organization_id, case_id, b"lab result", "lab.txt")}

    attachment = (await told(make, type="ADD_CASE_ATTACHMENT"))["payload"]["attachment"]
    assert set(attachment) == ATTACHMENT | {"url"}
    token = attachment["url"].rpartition("/")[2]
    answer = await client.get(f"/documents/{token}")
    assert answer.content == b"lab result"


@pytest.mark.parametrize("event", ["ADD_CASE_ASSIGNEE", "REMOVE_CASE_ASSIGNEE"])
async def test_an_assignee_is_the_target_of_the_activity(told, doctor, event):
    async def make(organization_id, case_id):
        return {"target_id": await doctor()}

    payload = (await told(make, type=event))["payload"]
    assert set(payload["activity"]["targetUser"]) == PERSON
    assert payload["activity"]["targetUser"]["firstName"] == "Nora"
    assert payload["assignees"] == []


@pytest.mark.parametrize("event", ["ORDER_CREATED", "ORDER_STATUS_CHANGED", "ORDER_TRACKING_ADDED"])
@pytest.mark.parametrize("payload", ["FULL_CASE", "EVENT_ONLY"])
async def test_an_order_stands_beside_the_payload(told, services, event, payload):
    async def make(organization_id, case_id):
        order_id = await place_order(services, organization_id, case_id, message="On its way", tracking_id="1Z999")
        return {"target_id": order_id, "value_before": "SENT", "value_after": "ACCEPTED"}

    body = await told(make, type=event, endpoint={"payload": payload})
    assert list(body) == ["event", "order", "payload", "id", "sequence", "timestamp"]
    assert set(body["order"]) == {"id", "status", "trackingId", "message", "createdAt"}
    assert (body["order"]["trackingId"], body["order"]["message"]) == ("1Z999", "On its way")
    # The row says SHIPPED; the event told of another status.
    assert body["order"]["status"] == ("ACCEPTED" if event == "ORDER_STATUS_CHANGED" else "SHIPPED")


@pytest.mark.parametrize("event", ["ARCHIVE_CASE", "REOPEN_CASE", "ESCALATE_CASE", "DEESCALATE_CASE"])
async def test_an_act_on_the_case_itself_has_the_case_and_the_activity(told, event):
    body = await told(type=event)
    assert (body["event"], body["sequence"]) == (event, 2)
    assert set(body["payload"]) == {"case", "activity"}


async def test_an_object_that_is_gone_is_null(told, services):
    async def make(organization_id, case_id):
        return {"target_id": await comment(services, organization_id, case_id, "Oops", deleted_at="2026-01-01")}

    assert (await told(make, type="ADD_CASE_COMMENT"))["payload"]["comment"] is None


async def test_what_left_is_on_record(told, services, clinic):
    body = await told(type="CREATE_CASE")
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT actor_kind, reason FROM phi_reads WHERE organization_id = %s AND record_id = %s",
            (clinic.organization_id, body["payload"]["case"]["id"]),
        )
        assert await cursor.fetchall() == [("system", "webhook")]


def test_every_event_of_a_case_can_be_asked_for():
    assert set(SUBSCRIBABLE) == {name for name in get_args(EventType) if not name.startswith("WEBHOOK_")}
    assert msgspec.json.encode(SUBSCRIBABLE)
