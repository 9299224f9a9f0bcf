"""What a storefront says of how a patient pays. The gateway is asked outside any transaction."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, refuse
from carelane.patients.profiles.actions import change_profile
from carelane.patients.users.access import find_one
from carelane.payments.accounts.access import open_gateway
from carelane.payments.accounts.queries import Terms, get_terms
from carelane.payments.customers.queries import find_customer_id
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.intake.check import ask_gateway
from carelane.payments.intake.queries import MoneyParts, insert_parts
from carelane.payments.intake.rows import customers_of
from carelane.payments.intake.schemas import Checked, Question
from carelane.payments.methods import queries
from carelane.payments.methods.schemas import (
    ADDRESS_PLACE,
    SETUP_PLACE,
    CodeOut,
    PaymentInfoOut,
    UpdatePaymentIn,
    payment_info_problems,
)
from carelane.payments.queries import lock_payment
from carelane.payments.settling.queries import list_standing
from carelane.payments.settling.saving import Taken, save
from carelane.payments.states import Stage
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

# Of those a card can be changed: nobody is asking the patient to confirm an intent with the old one.
MAY_CHANGE_CARD: frozenset[Stage] = frozenset({"WAITING", "NEEDS_CARD", "DUE"})


class _UnaskedError(Exception):
    """The gateway must be asked first; the transaction is undone."""

    def __init__(self, patient_id: UUID, terms: Terms) -> None:
        self.patient_id = patient_id
        self.terms = terms
        super().__init__("the gateway is asked first")


@requires(PATIENTS_WRITE)
async def update_payment(
    services: Services, actor: Actor, body: UpdatePaymentIn, request_key: RequestKey | None
) -> PaymentInfoOut:
    """Raises InvalidRequestError, UserNotFoundError, UserAmbiguousError, RuleBrokenError (the gateway's word, or nothing waits for
    a token), ConflictError, GatewayAwayError, and what `run_once` raises."""
    refuse(list(payment_info_problems(body)), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)
    checked: Checked | None = None

    async def act(conn: Connection) -> PaymentInfoOut:
        patient_id = await find_one(conn, actor, body.address, None)
        terms = await get_terms(conn, actor.organization_id)
        if body.reference.type == "SETUP_INTENT" and _has_gateway(terms):
            if checked is None:
                raise _UnaskedError(patient_id, terms)
            await _use(conn, actor, services.settings, patient_id, checked)
        else:
            await _keep(conn, actor, patient_id, body)
        if body.profile is not None:
            await change_profile(conn, actor, data_key, patient_id, body.profile, ADDRESS_PLACE)
        await events.record(conn, events.new_event(actor, "PAYMENT_INFO_UPDATED", None, target_id=patient_id))
        return PaymentInfoOut(data=CodeOut(code="PAYMENT_SETUP_UPDATED"))

    try:
        return await run_once(services, actor, request_key, act)
    except _UnaskedError as unasked:
        checked = await _ask(services, actor, body, unasked.patient_id, unasked.terms)
    return await run_once(services, actor, request_key, act)


def _has_gateway(terms: Terms) -> bool:
    return terms.policy != "unverified" and (terms.live_account_id or terms.test_account_id) is not None


async def _ask(services: Services, actor: Actor, body: UpdatePaymentIn, patient_id: UUID, terms: Terms) -> Checked:
    """Of the account that knows the setup intent: nothing else says whether it is of test or of live money."""
    kinds = [is_test for is_test in (False, True) if terms.account_id(is_test=is_test) is not None]
    try:
        for is_test in kinds:
            opened = await open_gateway(services, actor.organization_id, is_test=is_test)
            if opened is None:
                continue
            account_id, gateway = opened
            if is_test != kinds[-1] and await gateway.fetch_setup(body.reference.id) is None:
                continue
            async with services.db.reading(actor.organization_id) as conn:
                customer_id = await find_customer_id(conn, actor.organization_id, account_id, patient_id)
            question = Question(
                is_test=is_test,
                reference=body.reference,
                patient_id=patient_id,
                email=body.address,
                place=SETUP_PLACE,
            )
            return await ask_gateway(gateway, account_id, question, customer_id)
    except (GatewayError, TimeoutError) as error:
        raise GatewayAwayError from error
    raise GatewayAwayError


async def _use(conn: Connection, actor: Actor, settings: Settings, patient_id: UUID, checked: Checked) -> None:
    """Whatever waits for the patient's card is tried with the new one."""
    assert checked.customer_id is not None
    assert checked.method_id is not None
    await insert_parts(conn, MoneyParts(customers=customers_of(actor.organization_id, patient_id, checked)))
    for payment_id in await queries.list_waiting(conn, actor.organization_id, checked.account_id, patient_id):
        await give_card(conn, actor, settings, payment_id, checked.customer_id, checked.method_id)


async def give_card(
    conn: Connection, actor: Actor, settings: Settings, payment_id: UUID, customer_id: str, method_id: str
) -> None:
    """The payment is tried with this card from now on, as if none had been declined."""
    before = await lock_payment(conn, actor.organization_id, payment_id)
    if before is None or before.stage not in MAY_CHANGE_CARD:
        return
    after = msgspec.structs.replace(
        before, customer_id=customer_id, method_id=method_id, tries=0, failure=None, decline_code=None
    )
    standing = await list_standing(conn, after)
    await save(conn, actor, before, Taken(standing=standing), settings.payment_retry)


async def _keep(conn: Connection, actor: Actor, patient_id: UUID, body: UpdatePaymentIn) -> None:
    """What no gateway of ours knows stands with the payments that wait, as it would have come with them."""
    reference = body.reference
    if await queries.set_reference(conn, actor.organization_id, patient_id, reference.type, reference.id):
        return
    name = "stripeSetupId" if reference.type == "SETUP_INTENT" else "nmiPaymentToken"
    expected = "expected a user with a payment that waits for it; none does, so send it with the next case"
    refuse([FieldProblem(f"data.{name}", expected)])
