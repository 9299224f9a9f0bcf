"""What listeners of storefronts are told: the body, its signature, the attempts."""

import hashlib
import hmac
from uuid import UUID

import msgspec
import pytest

from carelane.kit.auth import Actor
from tests.detail.asking import create_case
from tests.factories.calendar import book
from tests.receiver import Behaviour
from tests.webhooks.alerts import URL, create_patient, record
from tests.webhooks.cast import until


async def test_a_new_patient_is_told_signed_in_compact_json(client, clinic, listen, told):
    listener = await listen("PATIENT_CREATED")
    patient = await create_patient(client, clinic)
    (request,) = await told(listener)
    assert list(request.json) == ["id", "type", "data", "createdDate", "alertId"]
    assert request.json["type"] == "PATIENT_CREATED"
    shown = (await client.get(f"/user/patient/{patient['id']}", headers=clinic.billing)).json()
    assert request.json["data"].items() <= shown.items()
    assert {"id", "firstName", "dateOfBirth", "creditBalance", "tags"} <= request.json["data"].keys()
    signature = hmac.new(listener.secret.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["decoda-signature"] == signature
    assert request.body == msgspec.json.encode(request.json)
    assert request.headers["content-type"] == "application/json"
    assert "x-cv-signature" not in request.headers


async def test_only_what_was_subscribed_to_is_told(client, clinic, listen, told, receiver):
    updates, other, none = await listen("PATIENT_UPDATED"), await listen("NOTE_CREATED"), await listen()
    patient = await create_patient(client, clinic)
    await client.put(f"/user/patient/{patient['id']}", json={"city": "Bend"}, headers=clinic.billing)
    (request,) = await told(updates)
    assert (request.json["type"], request.json["data"]["city"]) == ("PATIENT_UPDATED", "Bend")
    assert receiver.at(other.path) == receiver.at(none.path) == []


async def test_an_item_is_told_of_when_it_is_made_changed_and_archived(client, clinic, listen, told):
    listener = await listen("ITEM_CREATED", "ITEM_UPDATED", "ITEM_ARCHIVED")
    body = {"name": "Cream", "price": 700}
    item = (await client.post("/inventory/items/create", json=body, headers=clinic.billing)).json()
    await client.put(f"/inventory/items/update/{item['id']}", json={"price": 800}, headers=clinic.billing)
    await told(listener, 2)
    await client.delete(f"/inventory/items/delete/{item['id']}", headers=clinic.billing)
    requests = await told(listener, 3)
    assert sorted(one.json["type"] for one in requests) == ["ITEM_ARCHIVED", "ITEM_CREATED", "ITEM_UPDATED"]
    assert {one.json["data"]["id"] for one in requests} == {item["id"]}
    assert requests[-1].json["data"]["isArchived"] is True


async def test_a_charge_is_told_with_its_items_and_patient(client, clinic, listen, told):
    listener = await listen("CHARGE_CREATED")
    cart = {"patientId": clinic.patient_id, "creatorId": clinic.creator_id, "items": [{"itemId": clinic.item_id}]}
    made = (await client.post("/billing/cart", json=cart, headers=clinic.billing)).json()
    await client.post(
        f"/billing/cart/{made['id']}/convert-to-charge", json={"cartId": made["id"]}, headers=clinic.billing
    )
    (request,) = await told(listener)
    charge = request.json["data"]
    shown = await client.get(f"/billing/charge/get/{charge['id']}", headers=clinic.billing)
    assert shown.json() == charge
    assert (charge["total"], charge["patient"]["id"], len(charge["items"])) == (15900, clinic.patient_id, 1)


@pytest.mark.parametrize(
    ("event", "by_staff", "by_patient"),
    [
        ("CALENDAR_EVENT_CREATED", "APPOINTMENT_SCHEDULED", "SELF_SCHEDULED_APPOINTMENT"),
        ("CALENDAR_EVENT_RESCHEDULED", "APPOINTMENT_UPDATED", "SELF_SCHEDULED_APPOINTMENT_UPDATED"),
        ("CALENDAR_EVENT_CANCELED", "APPOINTMENT_CANCELLED", "SELF_SCHEDULED_APPOINTMENT_CANCELLED"),
        ("CALENDAR_EVENT_NO_SHOW", "APPOINTMENT_UPDATED", None),
    ],
)
async def test_an_appointment_is_told_of_by_who_moved_it(
    client, clinic, services, listen, told, event, by_staff, by_patient
):
    organization_id, case_id = UUID(clinic.organization_id), await create_case(client, clinic)
    appointment_id = await book(services, organization_id, case_id, "2030-01-07T15:00:00Z", "2030-01-07T15:30:00Z")
    for alert, kind in ((by_staff, "system"), (by_patient, "patient")):
        if alert is None:
            continue
        listener = await listen(alert)
        actor = Actor(organization_id, kind, UUID(clinic.patient_id)) if kind == "patient" else None
        await record(services, clinic, actor, type=event, target_id=appointment_id)
        (request,) = await told(listener)
        data = request.json["data"]
        assert (request.json["type"], data["id"], data["caseId"]) == (alert, str(appointment_id), str(case_id))
        assert data["patient"]["id"] == data["patientId"]


async def test_a_form_that_was_answered_is_told_without_its_answers(client, clinic, services, listen, told, owner):
    case_id = await create_case(client, clinic)
    ((response_id,),) = await owner("SELECT id FROM form_responses WHERE case_id = %s LIMIT 1", case_id)
    listener = await listen("FORM_SUBMITTED")
    await record(services, clinic, type="ADD_FORM_RESPONSE", target_id=response_id)
    (request,) = await told(listener)
    data = request.json["data"]
    assert set(data) == {"id", "formId", "name", "patientId", "patient", "caseId", "isCompleted", "createdDate"}
    assert (data["id"], data["caseId"], data["patient"]["id"]) == (str(response_id), str(case_id), data["patientId"])


async def test_that_health_information_left_is_on_record(client, clinic, listen, told, owner):
    listener = await listen("PATIENT_CREATED")
    patient = await create_patient(client, clinic)
    await told(listener)
    reads = await owner("SELECT reason FROM phi_reads WHERE record_id = %s AND actor_kind = 'system'", patient["id"])
    assert ("webhook",) in reads


async def test_an_attempt_is_listed_and_shown_with_what_came_of_it(client, clinic, listen, told, attempts, receiver):
    listener = await listen("PATIENT_CREATED", "PATIENT_UPDATED")
    receiver.behave(listener.path, Behaviour(status=503))
    patient = await create_patient(client, clinic)
    (_, request) = await told(listener, 2)

    async def delivered():
        return await attempts(listener, is_delivered="true")

    (attempt,) = await until(delivered)
    assert {name: attempt[name] for name in request.json} == request.json
    assert (attempt["data"]["id"], attempt["lastDeliveryAttemptStatus"]) == (patient["id"], 200)
    assert attempt["lastDeliveryAttemptError"] is None
    assert None not in (attempt["deliveredDate"], attempt["lastDeliveryAttemptDate"])
    one = await client.get(f"{URL}/events/{attempt['id']}", headers=clinic.billing)
    assert one.json() == attempt


async def test_attempts_are_filtered_sorted_and_cut(client, clinic, listen, told, attempts, receiver):
    listener = await listen("PATIENT_CREATED", "PATIENT_UPDATED")
    receiver.behave(listener.path, Behaviour(status=418, times=1_000))
    patient = await create_patient(client, clinic)
    await told(listener)
    await client.put(f"/user/patient/{patient['id']}", json={"city": "Bend"}, headers=clinic.billing)
    await told(listener, 2)

    async def both():
        found = await attempts(listener, last_delivery_attempt_status="418")
        return found if len(found) == 2 else None

    newest, oldest = await until(both)
    assert (newest["type"], oldest["type"]) == ("PATIENT_UPDATED", "PATIENT_CREATED")
    assert newest["lastDeliveryAttemptError"] == "refused"
    for query, expected in (
        ({"event_type": "PATIENT_CREATED"}, [oldest]),
        ({"event_type": "PAYMENT_COMPLETED"}, []),
        ({"is_delivered": "false", "sort_direction": "asc"}, [oldest, newest]),
        ({"is_delivered": "true"}, []),
        ({"last_delivery_attempt_error": "REFUS"}, [newest, oldest]),
        ({"last_delivery_attempt_status": "200"}, []),
        ({"created_after": newest["createdDate"]}, []),
        ({"created_before": newest["createdDate"]}, [oldest]),
        ({"delivery_date_after": "2020-01-01T00:00:00Z"}, []),
        ({"delivery_date_before": "2999-01-01"}, []),
        ({"limit": "1"}, [newest]),
        ({"limit": "1", "offset": "1"}, [oldest]),
        ({"sort_by": "type", "sort_direction": "asc"}, [oldest, newest]),
        ({"sort_by": "lastDeliveryAttemptDate", "limit": "2"}, None),
    ):
        found = [one["id"] for one in await attempts(listener, **query)]
        assert expected is None or found == [one["id"] for one in expected], query


@pytest.mark.parametrize(
    "query",
    [
        {"event_type": "CASE_CREATED"},
        {"is_delivered": "perhaps"},
        {"created_before": "yesterday"},
        {"delivery_date_after": "2026-02-30"},
        {"last_delivery_attempt_status": "refused"},
        {"sort_by": "secret"},
        {"sort_direction": "up"},
        {"limit": "0"},
        {"limit": "501"},
        {"offset": "-1"},
    ],
)
async def test_a_wrong_query_is_named(client, clinic, listen, query):
    listener = await listen("PATIENT_CREATED")
    url = f"{URL}/{listener.id}/delivery-attempts/list"
    answer = await client.get(url, params=query, headers=clinic.billing)
    assert answer.status_code == 422
    assert next(iter(query)) in answer.text
