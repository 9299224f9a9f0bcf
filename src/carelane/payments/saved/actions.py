"""Keeping a card that was set up, and taking one away. No transaction is open while the gateway is asked."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import uuid7
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import open_gateway
from carelane.payments.accounts.queries import Terms, get_terms
from carelane.payments.customers.queries import find_customer_id
from carelane.payments.errors import GatewayAwayError, GatewayMissingError
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.gateways.protocol import CardDetails, Gateway
from carelane.payments.intake.check import ask_gateway
from carelane.payments.intake.queries import MoneyParts, insert_parts
from carelane.payments.intake.rows import customers_of
from carelane.payments.intake.schemas import Checked, Question
from carelane.payments.saved import queries
from carelane.payments.saved.access import get_person, lock_method
from carelane.payments.saved.queries import Person
from carelane.payments.saved.schemas import MethodConfigOut, MethodIn, PaymentMethodOut
from carelane.payments.saved.views import show_method
from carelane.payments.schemas import ProviderReferenceIn
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_SETUP = "seti_"
_METHOD = "pm_"
_MOST_SHOWN = 50


class _Asked(Phi, msgspec.Struct, frozen=True):
    """The gateway's word on a setup intent, and what may be shown of its card."""

    checked: Checked
    card: CardDetails | None


class _UnaskedError(Exception):
    """The gateway must be asked first; the transaction is undone."""

    def __init__(self, person: Person, terms: Terms) -> None:
        self.person = person
        self.terms = terms
        super().__init__("the gateway is asked first")


@requires(BILLING_WRITE)
async def keep_method(
    services: Services, actor: Actor, ref: str | None, body: MethodIn, request_key: RequestKey | None
) -> PaymentMethodOut:
    """The card that a setup intent of the gateway's saved is the patient's from now on.

    Raises InvalidRequestError, RecordNotFoundError, RuleBrokenError (the gateway's word), ConflictError, GatewayMissingError,
    GatewayAwayError, and what `run_once` raises.
    """
    _require_set_up(body)
    asked: _Asked | None = None

    async def act(conn: Connection) -> PaymentMethodOut:
        person = await get_person(conn, actor, ref)
        if person.is_archived:
            raise ConflictError(f"the patient {ref} is archived; expected one that is not")
        if asked is None:
            raise _UnaskedError(person, await get_terms(conn, actor.organization_id))
        return await _keep(conn, actor, person, asked)

    try:
        return await run_once(services, actor, request_key, act)
    except _UnaskedError as unasked:
        asked = await _ask(services, actor, body, unasked.person, unasked.terms)
    return await run_once(services, actor, request_key, act)


def _require_set_up(body: MethodIn) -> None:
    if body.method_type not in {None, "CARD"}:
        raise RuleBrokenError(problems=[FieldProblem("methodType", "expected CARD")])
    if _setup_of(body) is None:
        expected = "expected the id of a setup intent of the gateway's (seti_…), here or as paymentMethodId"
        raise RuleBrokenError(problems=[FieldProblem("paymentMethodConfigId", expected)])


def _setup_of(body: MethodIn) -> tuple[str, str] | None:
    """Where the setup intent is named, and its id."""
    named = {"paymentMethodConfigId": body.payment_method_config_id, "paymentMethodId": body.payment_method_id}
    return next(((place, name) for place, name in named.items() if name and name.startswith(_SETUP)), None)


async def _ask(services: Services, actor: Actor, body: MethodIn, person: Person, terms: Terms) -> _Asked:
    """Of the account that knows the setup intent: nothing else says whether it is of test or of live money."""
    place, setup_id = _setup_of(body) or ("", "")
    kinds = [is_test for is_test in (False, True) if terms.account_id(is_test=is_test) is not None]
    try:
        for is_test in kinds:
            opened = await open_gateway(services, actor.organization_id, is_test=is_test)
            if opened is None:
                continue
            account_id, gateway = opened
            if is_test != kinds[-1] and await gateway.fetch_setup(setup_id) is None:
                continue
            async with services.db.reading(actor.organization_id) as conn:
                customer_id = await find_customer_id(conn, actor.organization_id, account_id, person.id)
            question = Question(
                is_test=is_test,
                reference=ProviderReferenceIn(type="SETUP_INTENT", id=setup_id),
                patient_id=person.id,
                email=person.email,
                place=place,
            )
            checked = await ask_gateway(gateway, account_id, question, customer_id)
            return _Asked(checked, await _card(gateway, body, checked))
    except (GatewayError, TimeoutError) as error:
        raise GatewayAwayError from error
    raise GatewayMissingError


async def _card(gateway: Gateway, body: MethodIn, checked: Checked) -> CardDetails | None:
    method_id = checked.method_id
    if method_id is None or (body.payment_method_id.startswith(_METHOD) and body.payment_method_id != method_id):
        expected = "expected the payment method that the setup intent saved"
        raise RuleBrokenError(problems=[FieldProblem("paymentMethodId", expected)])
    return await gateway.fetch_card(method_id)


async def _keep(conn: Connection, actor: Actor, person: Person, asked: _Asked) -> PaymentMethodOut:
    organization_id, checked = actor.organization_id, asked.checked
    assert checked.customer_id is not None
    assert checked.method_id is not None
    named = (organization_id, checked.account_id, checked.customer_id, person.id)
    if await queries.find_other_owner(conn, *named):
        raise ConflictError(
            "the card of this setup intent is another patient's; expected one that was set up for this one"
        )
    await insert_parts(conn, MoneyParts(customers=customers_of(organization_id, person.id, checked)))
    kept = await queries.get_kept(conn, organization_id, checked.account_id, person.id, checked.method_id)
    if asked.card is not None:
        await queries.set_card(conn, organization_id, kept.id, asked.card)
        kept = await queries.get_kept(conn, organization_id, checked.account_id, person.id, checked.method_id)
    await events.record(conn, events.new_event(actor, "PAYMENT_INFO_UPDATED", None, target_id=person.id))
    return show_method(kept)


@requires(BILLING_WRITE)
async def archive_method(services: Services, actor: Actor, ref: str, patient_ref: str | None) -> bool:
    """Nothing is paid with it any more. Raises InvalidRequestError, RecordNotFoundError, and ConflictError while a payment waits for
    it."""
    async with services.db.transaction(actor) as conn:
        person = await get_person(conn, actor, patient_ref)
        method = await lock_method(conn, actor, ref, changes=True)
        own = await queries.find_person(conn, actor.organization_id, method.patient_id)
        if own is None or own.id != person.id:
            raise RecordNotFoundError(f"no payment method {ref} here")
        if await queries.find_awaited(conn, actor.organization_id, method):
            raise ConflictError("a payment that waits is to be made with this card; expected one that none waits for")
        await queries.set_archived(conn, actor.organization_id, method)
        await events.record(conn, events.new_event(actor, "PAYMENT_INFO_UPDATED", None, target_id=person.id))
    return True


@requires(BILLING_WRITE)
async def make_config(
    services: Services, actor: Actor, ref: str | None, request_key: RequestKey | None
) -> MethodConfigOut:
    """A setup intent for the gateway's own card fields, where the card is entered; of the account for live money, if there is one.

    Raises RecordNotFoundError, GatewayMissingError, GatewayAwayError, and what `run_once` raises.
    """
    made: MethodConfigOut | None = None

    async def act(conn: Connection) -> MethodConfigOut:
        person = await get_person(conn, actor, ref) if ref else None
        if made is None:
            raise _UnaskedError(
                person or Person(uuid7(), "", is_archived=False), await get_terms(conn, actor.organization_id)
            )
        rows = await queries.list_methods(conn, actor.organization_id, person.id, _MOST_SHOWN) if person else []
        return msgspec.structs.replace(made, payment_methods=[show_method(row) for row in rows])

    try:
        return await run_once(services, actor, request_key, act)
    except _UnaskedError as unasked:
        made = await _set_up(services, actor, unasked.terms, unasked.person.id if ref else None)
    return await run_once(services, actor, request_key, act)


async def _set_up(services: Services, actor: Actor, terms: Terms, patient_id: UUID | None) -> MethodConfigOut:
    is_test = terms.live_account_id is None
    opened = await open_gateway(services, actor.organization_id, is_test=is_test)
    if opened is None:
        raise GatewayMissingError
    account_id, gateway = opened
    customer_id = None
    if patient_id is not None:
        async with services.db.reading(actor.organization_id) as conn:
            customer_id = await find_customer_id(conn, actor.organization_id, account_id, patient_id)
    try:
        setup = await gateway.create_setup(key=uuid7(), customer_id=customer_id, metadata={})
    except (GatewayError, TimeoutError) as error:
        raise GatewayAwayError from error
    if setup.client_secret is None:
        raise GatewayAwayError("the gateway gave no secret; try again in a few seconds")
    return MethodConfigOut(
        session_key=setup.client_secret, payment_method_config_id=setup.id, payment_methods=[], sandbox=is_test
    )
