"""An invoice that did not arrive is sent again from the console's list."""

from uuid import uuid4

from carelane.sessions.access import COOKIE
from tests.bills.paid import owing
from tests.bills.test_invoices import create, until_status
from tests.console.world import sign_in

LIST = "/console/billing/invoices"


async def test_trying_again_leads_back_to_the_list_as_it_was(world, paying):
    await owing(world, paying)
    world.sink.refused[paying.email] = "550 no such mailbox"
    invoice_id = (await create(world, paying)).json()["id"]
    await until_status(world, paying, invoice_id, "FAILED")
    del world.sink.refused[paying.email]
    member = await sign_in(world.services, paying.clinic, "ADMIN")
    sent = {
        "form_token": member.form_token,
        "status": "FAILED",
        "page": "1",
        "invoiceId": invoice_id,
        "request_key": uuid4().hex,
    }
    # Pressed twice, it is done once.
    for led_to in (f"{LIST}?status=FAILED&done=sent", LIST):
        answer = await world.client.post(
            f"{LIST}/retry",
            data=sent,
            cookies={COOKIE.name: member.token},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert (answer.status_code, answer.headers["location"]) == (303, led_to)
    await until_status(world, paying, invoice_id, "SENT")
    assert len(world.mails_to(paying)) == 1
