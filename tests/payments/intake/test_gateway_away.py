"""The gateway is down, or slow, when a case comes."""

import asyncio
import base64
import time
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from tests.cases.bodies import question, with_questions
from tests.cases.dynamic_bodies import asked, dynamic_body
from tests.payments.checking import findings_of
from tests.payments.intake.world import paying, running_world
from tests.server import prepared

DYNAMIC = "/api/v1/dynamic-case"
RETRIEVE = {"SETUP_INTENT": "setup_intents.retrieve", "PAYMENT_INTENT": "payment_intents.retrieve"}
DEADLINE_SECONDS = 20
EVENTS = "SELECT type, value_after FROM events WHERE organization_id = %s AND target_id = %s ORDER BY created_at, id"
SUMS = "SELECT captured_cents, refunded_cents, disputed_cents FROM payments WHERE organization_id = %s AND id = %s"


async def until(world, paid, case_id, **wanted):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        payment = await world.payment(paid, case_id)
        if all(getattr(payment, name) == value for name, value in wanted.items()):
            return payment
        assert time.monotonic() < deadline, payment
        await asyncio.sleep(0.05)


async def accepted(world, paid, reference, kind="SETUP_INTENT", fault="lost_before", **changes):
    """The id of a case that came while the gateway was away; the gateway is back when `world.back` is awaited."""
    world.gateway.fail_next(RETRIEVE[kind], fault, times=None, key=paid.key)
    answer = await world.send(paid, paying(paid, reference, kind, **changes))
    assert answer.status_code == 200, answer.text
    case_id = answer.json()["data"]["caseId"]
    payment = await world.payment(paid, case_id)
    assert (payment.method, payment.stage, payment.status) == ("GATEWAY", "UNCHECKED", "UNPAID")
    return case_id


def back(world):
    world.gateway.control("faults", method="DELETE")


@pytest.mark.parametrize("fault", ["lost_before", "server_error", "rate_limited", "conflict"])
async def test_the_case_is_kept_and_verified_when_the_gateway_is_back(world, paid, fault):
    setup = world.setup(paid)
    case_id = await accepted(world, paid, setup, fault=fault)
    back(world)

    payment = await until(world, paid, case_id, stage="WAITING")

    (customer,) = world.gateway.objects("customer", paid.key)
    assert (payment.customer_id, payment.method_id, payment.failure) == (customer["id"], setup.payment_method, None)
    moved = [value for kind, value in await world.rows(paid, EVENTS, payment.id) if kind == "PAYMENT_UPDATED"]
    assert moved == ["WAITING"]
    kept = "SELECT customer_id, method_id FROM gateway_customers WHERE organization_id = %s"
    assert await world.rows(paid, kept) == [(customer["id"], setup.payment_method)]


async def test_money_that_was_taken_is_in_the_books_when_the_gateway_is_back(world, paid):
    case_id = await accepted(world, paid, world.intent(paid), "PAYMENT_INTENT")
    back(world)
    payment = await until(world, paid, case_id, stage="WAITING")
    assert (payment.status, payment.captured_cents) == ("PAID", 15_900)
    assert await world.rows(
        paid, "SELECT amount_cents FROM ledger_postings WHERE organization_id = %s AND act = 'CAPTURE'"
    ) == [(15_900,)]


async def test_a_hold_is_one_when_the_gateway_is_back(world, paid):
    case_id = await accepted(world, paid, world.hold(paid), "PAYMENT_INTENT")
    back(world)
    assert (await until(world, paid, case_id, stage="WAITING")).policy == "hold"


@pytest.mark.parametrize("reference", ["seti_unknown", "canceled"])
async def test_what_turns_out_to_be_no_card_asks_for_another(world, paid, reference):
    if reference == "canceled":
        reference = world.setup(paid, confirm=False).id
        world.api(paid).v1.setup_intents.cancel(reference)
    case_id = await accepted(world, paid, reference)
    back(world)
    payment = await until(world, paid, case_id, stage="NEEDS_CARD")
    assert (payment.failure, payment.status, payment.method_id) == ("REFERENCE_REFUSED", "UNPAID", None)
    told = await world.rows(paid, EVENTS, payment.id)
    assert ("PAYMENT_FAILED", "REFERENCE_REFUSED") in told


@pytest.mark.parametrize(
    ("more", "failure", "captured"),
    [({"amount": 15_800}, "AMOUNT_DIFFERS", 15_800), ({"currency": "eur"}, "CURRENCY_DIFFERS", 0)],
)
async def test_what_turns_out_to_be_other_money_is_for_a_person(world, paid, more, failure, captured):
    case_id = await accepted(world, paid, world.intent(paid, **more), "PAYMENT_INTENT")
    back(world)
    payment = await until(world, paid, case_id, stage="NEEDS_STAFF")
    assert (payment.failure, payment.captured_cents) == (failure, captured)


async def captured_in_part(world, paid):
    hold = world.hold(paid)
    return world.api(paid).v1.payment_intents.capture(hold.id, {"amount_to_capture": 5_000})


async def given_back_in_part(world, paid):
    intent = world.intent(paid)
    world.api(paid).v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    return intent


async def disputed(world, paid):
    intent = world.intent(paid)
    world.gateway.dispute(intent.id)
    return intent


async def of_other_mode(world, paid):
    return world.intent(paid, metadata={"simulate": "wrong_livemode"})


async def made_for_another(world, paid):
    first = await world.created(paid, paying(paid, world.setup(paid)))
    return world.intent(paid, metadata={"carelane_payment": str(first.id), "carelane_attempt": str(first.id)})


@pytest.mark.parametrize(
    ("bring", "failure", "sums", "status"),
    [
        (captured_in_part, "PARTLY_CAPTURED", (5_000, 0, 0), "UNPAID"),
        (given_back_in_part, "MONEY_GONE", (15_900, 100, 0), "PAID"),
        (disputed, "MONEY_GONE", (15_900, 0, 15_900), "IN_DISPUTE"),
        (of_other_mode, "MODE_DIFFERS", (0, 0, 0), "ERROR"),
        (made_for_another, "REFERENCE_USED", (0, 0, 0), "UNPAID"),
    ],
)
async def test_what_turns_out_to_be_no_money_of_this_case_is_for_a_person(world, paid, bring, failure, sums, status):
    """And what has left of it already is in the books too, for nobody tells of it again."""
    case_id = await accepted(world, paid, await bring(world, paid), "PAYMENT_INTENT")
    back(world)
    payment = await until(world, paid, case_id, stage="NEEDS_STAFF")
    assert (payment.failure, payment.status) == (failure, status)
    assert await world.rows(paid, SUMS, payment.id) == [sums]
    assert ("PAYMENT_FAILED", failure) in await world.rows(paid, EVENTS, payment.id)
    found = await findings_of(world.services, UUID(paid.clinic.organization_id))
    assert [one.invariant for one in found] == ([] if sums[0] else ["CAPTURED_IS_RECORDED"])


async def begun(world, paid, status):
    """The members of a form: of a case that is there, or of none."""
    if status is None:
        return {}
    created = await world.send(paid, dynamic_body(isTest=True, status=status), DYNAMIC)
    return {"caseId": created.json()["data"]["caseId"]}


@pytest.mark.parametrize("status", [None, "ABANDONED"])
async def test_what_a_form_brings_is_kept_and_verified_when_the_gateway_is_back(world, paid, status):
    case, setup = await begun(world, paid, status), world.setup(paid)
    world.gateway.fail_next(RETRIEVE["SETUP_INTENT"], "lost_before", times=None, key=paid.key)
    sent = dynamic_body(isTest=True, paymentAmount=159, stripeSetupId=setup.id, **case)
    answer = await world.send(paid, sent, DYNAMIC)
    assert answer.status_code == 200, answer.text
    case_id = answer.json()["data"]["caseId"]
    payment = await world.payment(paid, case_id)
    assert (payment.method, payment.stage, payment.status) == ("GATEWAY", "UNCHECKED", "UNPAID")
    assert str(payment.id) == answer.json()["data"]["paymentId"]
    back(world)
    payment = await until(world, paid, case_id, stage="WAITING")
    assert (payment.method_id, payment.customer_id is not None) == (setup.payment_method, True)


async def test_it_stays_unchecked_while_the_gateway_is_away(world, paid):
    case_id = await accepted(world, paid, world.setup(paid))
    calls = world.calls()["setup_intents.retrieve"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while world.calls()["setup_intents.retrieve"] < calls + 3:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert (await world.payment(paid, case_id)).stage == "UNCHECKED"
    back(world)
    await until(world, paid, case_id, stage="WAITING")


async def test_an_unchecked_reference_pays_one_case_too(world, paid):
    setup = world.setup(paid)
    await accepted(world, paid, setup)
    assert "pays this case alone" in await world.refused(paid, paying(paid, setup))
    back(world)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def refusing(tmp_path_factory, intake_gateway, contract):
    """A server that takes no case which it cannot verify, and does not wait for long."""
    folder = prepared(tmp_path_factory.mktemp("refusing") / "data")
    settings = {"gateway_down": "refuse", "gateway_timeout_seconds": "0.3"}
    async with running_world(folder, contract, intake_gateway, **settings) as world:
        yield world


@pytest.mark.parametrize("fault", ["lost_before", "server_error", "slow", "stalled"])
async def test_where_the_operator_says_so_nothing_is_taken_meanwhile(refusing, tmp_path, fault):
    paid = await refusing.clinic(tmp_path)
    body = paying(paid, refusing.setup(paid))
    body = with_questions(body, question(answer=[file_answer()], kind="FILE", phi=True))
    refusing.gateway.fail_next("setup_intents.retrieve", fault, times=None, key=paid.key)
    before, files = await refusing.counts(paid), stored(refusing)

    answer = await refusing.send(paid, body)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["success"] is False
    assert "gateway" in answer.json()["error"]
    assert (await refusing.counts(paid), stored(refusing)) == (before, files)
    # Under its key the request may be sent again.
    key = {"Idempotency-Key": uuid4().hex}
    assert (await refusing.send(paid, body, **key)).status_code == 503
    back(refusing)
    assert (await refusing.send(paid, body, **key)).status_code == 200


@pytest.mark.parametrize("status", [None, "ABANDONED"])
async def test_there_a_form_is_not_taken_either(refusing, tmp_path, status):
    paid = await refusing.clinic(tmp_path)
    case, setup = await begun(refusing, paid, status), refusing.setup(paid)
    scan = asked("A scan?", [file_answer()], phi=True) | {"type": "FILE"}
    sent = dynamic_body(isTest=True, paymentAmount=159, stripeSetupId=setup.id, questions=[scan], **case)
    refusing.gateway.fail_next(RETRIEVE["SETUP_INTENT"], "lost_before", times=None, key=paid.key)
    before, files = await refusing.counts(paid), stored(refusing)
    answer = await refusing.send(paid, sent, DYNAMIC)
    assert (answer.status_code, answer.json()["success"]) == (503, False)
    assert int(answer.headers["Retry-After"]) > 0
    assert (await refusing.counts(paid), stored(refusing)) == (before, files)
    back(refusing)
    assert (await refusing.send(paid, sent, DYNAMIC)).status_code == 200


async def test_there_other_cases_are_taken_meanwhile(refusing, tmp_path):
    paid = await refusing.clinic(tmp_path)
    refusing.gateway.fail_next("setup_intents.retrieve", "lost_before", times=None, key=paid.key)
    assert (await refusing.send(paid, paying(paid, "token", "PAYMENT_TOKEN"))).status_code == 200
    back(refusing)


def file_answer():
    return {"name": "scan.pdf", "contentType": "application/pdf", "data": base64.b64encode(b"%PDF-1.4").decode()}


def stored(world):
    folder = world.services.settings.data_dir / "documents"
    return sorted(path for path in folder.rglob("*") if path.is_file())
