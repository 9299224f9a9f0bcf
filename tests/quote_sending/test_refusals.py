"""What POST /billing/quote/send refuses, and why."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.messages import mail
from carelane.messages.errors import SendError
from carelane.messages.schemas import Content
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic
from tests.processes.smtp_sink import SmtpSink
from tests.quote_sending.world import clinic_of

PATH = "/billing/quote/send"
CART_ID = "SELECT cart_id FROM quotes WHERE organization_id = %s AND id = %s"


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {(".".join(map(str, problem["loc"])), problem["msg"]) for problem in answer.json()["detail"]}


@pytest.fixture
async def quote_id(world, own):
    return await make_quote(world.services, own, status="DRAFT")


async def test_without_credentials(world, own, quote_id):
    body = {"quoteId": str(quote_id), "method": "email"}
    for headers in (
        {},
        {"API-KEY": own.api_key},
        own.billing | {"API-KEY": "cvk_wrong"},
        own.billing | {"TENANT": "x"},
    ):
        answer = await world.client.post(PATH, json=body, headers=headers)
        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)
    assert await world.messages(own, quote_id) == []


async def test_with_a_key_that_may_only_read_the_catalogue(world, own, quote_id):
    headers = {"API-KEY": own.catalog_only_key, "TENANT": own.tenant}
    answer = await world.client.post(PATH, json={"quoteId": str(quote_id), "method": "email"}, headers=headers)
    assert answer.status_code == 403


async def test_another_clinics_quote_is_as_unknown_as_one_that_is_not_there(world, own, quote_id, tmp_path):
    other = await make_clinic(world.services, tmp_path)
    unknown = uuid4()
    theirs, nobodys = await world.send(other, quote_id), await world.send(other, unknown)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace(str(quote_id), "") == nobodys.text.replace(str(unknown), "")
    assert await world.messages(own, quote_id) == []


async def test_a_bad_body_lists_all_that_is_wrong(world, own):
    answer = await world.client.post(
        PATH, json={"message": 5, "scheduleSendDate": "tomorrow", "method": None}, headers=own.billing
    )
    assert {place for place, _ in problems(answer)} == {
        "body.quoteId",
        "body.method",
        "body.message",
        "body.scheduleSendDate",
    }


@pytest.mark.parametrize("method", ["fax", "", "e-mail", "email,sms"])
async def test_another_method_and_a_far_date_are_both_told(world, own, quote_id, method):
    date = (clock.now() + timedelta(days=400)).isoformat()
    found = problems(await world.send(own, quote_id, method, scheduleSendDate=date))
    assert found == {
        ("body.method", "expected one of email, sms"),
        ("body.scheduleSendDate", "expected a date within 366 days"),
    }


async def test_a_message_has_a_length(world, own, quote_id):
    found = problems(await world.send(own, quote_id, message="x" * 10_001))
    assert {place for place, _ in found} == {"body.message"}


@pytest.mark.parametrize(
    ("method", "missing", "name"), [("email", "email", "an e-mail address"), ("sms", "phone_number", "a phone number")]
)
async def test_a_patient_who_cannot_be_reached_that_way(world, tmp_path, method, missing, name):
    own, _ = await clinic_of(world.services, tmp_path, **{missing: None})
    quote_id = await make_quote(world.services, own, status="DRAFT")
    ((place, text),) = problems(await world.send(own, quote_id, method))
    assert place == "body.method"
    assert f"{name} is not known" in text
    assert await world.messages(own, quote_id) == []


async def test_a_date_after_the_quotes_end(world, own):
    ends_at = clock.now() + timedelta(days=2)
    quote_id = await make_quote(world.services, own, status="DRAFT", expires_at=ends_at)
    found = problems(await world.send(own, quote_id, scheduleSendDate=(ends_at + timedelta(days=1)).isoformat()))
    assert found == {("body.scheduleSendDate", "expected a date before the quote's validUntilDate")}


async def test_a_date_after_the_carts_end_unless_the_cart_was_offered_already(world, own):
    ends_at = clock.now() + timedelta(days=2)
    date = (ends_at + timedelta(days=1)).isoformat()
    quote_id = await make_quote(world.services, own, status="DRAFT")
    offered_id = await make_quote(world.services, own, status="SENT")
    for one in (quote_id, offered_id):
        ((cart_id,),) = await world.rows(own, CART_ID, one)
        await update_row(world.services, UUID(own.organization_id), "carts", cart_id, expires_at=ends_at)
    found = problems(await world.send(own, quote_id, scheduleSendDate=date))
    assert found == {("body.scheduleSendDate", "expected a date before the cart's expiresDate")}
    assert (await world.send(own, offered_id, scheduleSendDate=date)).status_code == 200


async def test_an_empty_quote(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT", lines=())
    answer = await world.send(own, quote_id)
    assert (answer.status_code, answer.json()) == (409, {"detail": "the quote has no lines; add one before it is sent"})


@pytest.mark.parametrize("status", ["ACCEPTED", "DECLINED", "EXPIRED"])
async def test_a_quote_that_was_answered_or_has_ended(world, own, status):
    quote_id = await make_quote(world.services, own, status=status)
    answer = await world.send(own, quote_id)
    assert answer.status_code == 409
    assert status in answer.json()["detail"]


async def test_a_quote_whose_date_has_passed(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT", expires_at=clock.now() - timedelta(seconds=1))
    assert (await world.send(own, quote_id)).status_code == 409


@pytest.mark.parametrize(("method", "setting"), [("email", "CARELANE_SMTP_HOST"), ("sms", "CARELANE_SMS_URL")])
async def test_a_server_that_cannot_send_says_which_setting_is_missing(client, services, tmp_path, method, setting):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own, status="DRAFT")
    body = {"quoteId": str(quote_id), "method": method}
    answer = await client.post(PATH, json=body, headers=own.billing)
    assert answer.status_code == 409
    assert f"{setting} is not set" in answer.json()["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "one@patient.example, two@patient.example",
        "a@b.example\r\nBcc: c@d.example",
        "Many: a@b.example, c@d.example;",
        # Decoded, as headers are, this is another's address.
        "=?utf-8?q?a?=@b.example",
        "",
    ],
)
async def test_what_is_no_one_address_gets_no_mail(address):
    with SmtpSink() as sink:
        server = mail.MailServer("127.0.0.1", sink.port, None, None, False, "us@clinic.example")
        with pytest.raises(SendError) as refused:
            await mail.send(server, Content(address, "s", "t"))
        assert refused.value.is_final
        assert sink.messages == []
