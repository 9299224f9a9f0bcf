"""The page of docs/api/ about the listeners of a storefront."""

from typing import get_args
from uuid import uuid4

from carelane.processes import dispatcher
from carelane.webhooks.billing.schemas import MAX_ATTEMPTS, SENT, AlertType
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage

URL, CONFIG = "/webhook/decoda", "/tenant/webhook-config"
RECEIVER = "203.0.113.11"

_ABOUT = """\
A storefront says itself, with its key, where it wants to be told and of what. Needs a key with `webhooks:manage`: whoever has one
can have patients, charges and appointments sent to a URL. [Credentials, names and errors](billing.md) are those of the dialect.

**What comes** is a POST of compact JSON, `{id, type, data, createdDate, alertId}`: the members of an attempt below before
the delivery's own. `data` is the record as the dialect shows it elsewhere, as it is when it is sent: a patient as in a cart, a charge
with its items, an item. An appointment has `id`, `type`, `title`, `patientId`, `patient`, `providerId`, `providerName`, `start`, `end`,
`timezone`, `meetingLink`, `status`, `isCancelled`, `caseId`, `createdDate`, `updatedDate`; a form `id`, `formId`, `name`, `patientId`,
`patient`, `caseId`, `isCompleted`, `createdDate`, and no answers. It is empty when the record is gone.

**Check the signature**: `Decoda-Signature` is the hexadecimal HMAC-SHA256 of the body as it came, under `secret` in UTF-8. Do not
parse and print the body anew for it. `webhook-id`, `webhook-timestamp` and `webhook-signature` come too, as
[everywhere](../howto/webhooks.md#check-the-signature).

**Answer 2xx** within 15 seconds. Anything else, and silence, is tried again on the schedule of
[every webhook](../howto/webhooks.md#what-a-receiver-should-do): 13 times in about 75 hours, which is longer than the vendor's
half hour. An alert may come twice, and out of turn; `id` stays the same. When one is given up, `notificationEmail` is told, at most once
a day for each webhook; after five days without a success the webhook is switched off, and it is told of that. Updating it switches it
on again.

| `type` | when |
| --- | --- |
| `PATIENT_CREATED` | a patient was made in this dialect; a patient that came with a case is none |
| `PATIENT_UPDATED` | a patient was changed, tagged, archived, or made one with another |
| `CHARGE_CREATED` | a cart or a quote became a charge, or something was sold without one |
| `ADJUSTMENT_CREATED` | more or less is owed for a charge, or it was written off or voided |
| `PAYMENT_CREATED`, `PAYMENT_SUCCEEDED` (or `PAYMENT_COMPLETED`), `PAYMENT_FAILED` | a payment was begun, was made, or a try of it failed |
| `PLANNED_PAYMENT_SUCCEEDED`, `PLANNED_PAYMENT_FAILED` | the same of an instalment of a payment plan, besides; `data` is as the charge lists it, with its `payment` |
| `INVOICE_UPDATED` | an invoice is to be sent again, perhaps another way; `data` of both is as in its table |
| `INVOICE_STATUS_UPDATE` | an invoice was sent or could not be, was paid, was given up, or is owed again |
| `REFUND_CREATED`, `REFUND_SUCCEEDED`, `REFUND_FAILED` | a refund was sent, arrived, or was refused |
| `APPOINTMENT_SCHEDULED`, `…_UPDATED`, `…_CANCELLED` | an appointment was booked, moved or missed, canceled by anybody but its patient |
| `SELF_SCHEDULED_APPOINTMENT`, `…_UPDATED`, `…_CANCELLED` | by its patient |
| `FORM_SUBMITTED` | a form was added to a case; those that a case comes with are no news |
| `ITEM_CREATED`, `ITEM_UPDATED`, `ITEM_ARCHIVED` | an item was made, changed, archived |

These too can be subscribed to, and are never sent: {never}."""


async def test_page_of_the_listeners(client, clinic, services):
    page = ApiPage(client, clinic, "Billing: webhooks")
    page.hide(RECEIVER, "shop.example")
    never = ", ".join(f"`{name}`" for name in get_args(AlertType) if name not in SENT)
    page.say(_ABOUT.replace("{never}", never))
    headers = {"headers": clinic.billing}
    body = {"subscriptions": ["PATIENT_CREATED", "CHARGE_CREATED"], "url": f"https://{RECEIVER}/hooks"}
    told = body | {"notificationEmail": "ops@shop.example"}
    made = await page.ask("Create a webhook", "", "POST", f"{URL}/create", 200, json=told, **headers)
    one = made["id"]
    patient = {"id": f"pat_{uuid4().hex[:6]}", "firstName": "Jane", "lastName": "Roe"}
    page.hide(patient["id"], "pat_1")
    answer = await client.post("/user/patient/create", json=patient, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    while await dispatcher.dispatch(services):
        pass
    text = f"The newest first; `limit` is {MAX_ATTEMPTS} at most. The query may narrow it as the OpenAPI document says."
    path = f"{URL}/{one}/delivery-attempts/list?is_delivered=false&limit=1"
    (attempt,) = await page.ask("What it was told, or is to be told", text, "GET", path, 200, **headers)
    event = f"{URL}/events/{attempt['id']}"
    again = (
        "A GET that acts, as the vendor has it: keep it out of the reach of whatever follows links. The alert is sent once more, under "
        "the same `id`; the answer comes before that. While one waits to be sent, asking again changes nothing. "
        "`notify_failure=false`: nobody is told when it is given up. `GET …/events/{id}` alone shows the attempt."
    )
    await page.ask("Send it again", again, "GET", f"{event}/send", 200, **headers)
    change = "What is absent stays. `notificationEmail: null`: nobody is told."
    await page.ask(
        "Update", change, "PUT", f"{URL}/update/{one}", 200, json={"subscriptions": ["CHARGE_CREATED"]}, **headers
    )
    await page.ask("Get one", "", "GET", f"{URL}/get/{one}", 200, **headers)
    await page.ask("Archive", "What it waits for is called off.", "DELETE", f"{URL}/delete/{one}", 200, **headers)
    shown = "Without `include_archived` those that are told."
    await page.ask("List", shown, "GET", f"{URL}/list?include_archived=true", 200, **headers)
    config = {
        "webhookUrl": f"https://{RECEIVER}/tenant",
        "webhookEnabled": True,
        "webhookSubscriptions": ["ITEM_UPDATED"],
    }
    text = "One webhook more, which is among the others too. It is what the body says afterwards; GET shows it."
    await page.ask("The tenant's own webhook", text, "PUT", CONFIG, 200, json=config, **headers)
    await client.put(CONFIG, json={}, headers=clinic.billing)
    page.say_errors("Beside those of [every request](billing.md#errors).")
    wrong = {"subscriptions": ["CASE_CREATED"], "url": "http://10.0.0.7/hooks", "notificationEmail": "ops"}
    await page.ask("Nothing of it can be taken", "", "POST", f"{URL}/create", 422, json=wrong, **headers)
    await page.ask("It is archived", "Its attempts can still be read.", "GET", f"{event}/send", 409, **headers)
    await page.ask("Not there", "What staff made is not either.", "GET", f"{URL}/get/{uuid4()}", 404, **headers)
    check_printed(DOCS / "api" / "billing-webhooks.md", page.text())
