"""Asking the gateway about a reference, outside any transaction, before anything that depends on it is written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid5

import structlog

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Cursor
from carelane.kit.errors import FieldProblem, RuleBrokenError, refuse
from carelane.kit.ids import uuid7
from carelane.kit.money import read_amount
from carelane.payments.accounts.access import open_gateway
from carelane.payments.customers.queries import find_customer_id
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import DeclinedError, GatewayError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Gateway, Intent, Setup
from carelane.payments.inbox.actions import wake_unmatched
from carelane.payments.intake import queries
from carelane.payments.intake.faults import faults_of
from carelane.payments.intake.queries import PaymentRows
from carelane.payments.intake.rows import PaymentOf, payment_rows
from carelane.payments.intake.schemas import Checked, IntakeTerms, Question, verifiable_reference
from carelane.payments.queries import lock_payment
from carelane.payments.schemas import PaymentIn, ProviderReferenceIn
from carelane.payments.settling.intents import take_intent
from carelane.payments.settling.queries import list_standing
from carelane.payments.settling.saving import save
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey, run_once

AnswerT = TypeVar("AnswerT")

REFERENCE = "payment.providerReference.id"
# A storefront's visitor waits for it; what takes longer is asked later.
MAX_WAIT_SECONDS = 8.0
USED = "expected a reference that pays this case alone; another payment of the organization has this one"
# Of keys for calls that must not act twice, made of what they are about.
_KEYS = UUID("b8f6a7be-5a0e-4f6b-9d0e-9c1f6f3f5f0e")
log = structlog.get_logger()


class UncheckedReferenceError(Exception):
    """The act in hand needs the gateway's word first; its transaction is undone, and it comes again."""

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__("the gateway is asked first")


class Check:
    """What one request brings to pay with, and the gateway's word on it: none until the act has found that it needs it."""

    def __init__(self, settings: Settings, sent: PaymentIn | None) -> None:
        self.sent = sent
        self._settings = settings
        self.reference = verifiable_reference(sent) if sent else None
        self.checked: Checked | None = None
        # The patient's id if the request brings a new one: the same in both runs of the act.
        self.patient_id = uuid7()
        self._used: Cursor | None = None

    async def query(self, conn: Connection, organization_id: UUID) -> None:
        """With the act's first questions, what `take` reads."""
        if self.checked is not None and self.reference is not None:
            self._used = await queries.query_reference_used(
                conn, organization_id, self.checked.account_id, self.reference.id
            )

    async def take(self, of: PaymentOf, email: str, terms: IntakeTerms) -> PaymentRows | None:
        """The rows of the payment, if there is one. Raises UncheckedReferenceError before the gateway was asked, RuleBrokenError
        for what is used already or is of the wrong kind of money."""
        if self.sent is None:
            return None
        if self.reference is None or not terms.are_verified:
            return self._rows(self.sent, of, terms, None)
        if terms.account_id is None:
            refuse([FieldProblem(REFERENCE, _other_money(of.is_test))])
        if self.checked is None:
            raise UncheckedReferenceError(_question(self.sent, self.reference, of, email))
        if self._used is not None and (await self._used.fetchall())[0][0]:
            refuse([FieldProblem(REFERENCE, USED)])
        return self._rows(self.sent, of, terms, self.checked)

    def _rows(self, sent: PaymentIn, of: PaymentOf, terms: IntakeTerms, checked: Checked | None) -> PaymentRows:
        check_at = clock.now() + self._settings.payment_retry
        return payment_rows(sent, of, terms, checked, check_at)

    async def keep(self, conn: Connection, actor: Actor, paid: PaymentRows | None) -> None:
        """After the payment was written: the money that is held or taken for it already, and what was told of it before."""
        if paid is not None and paid.intent is not None:
            await _keep_intent(conn, actor, self._settings, paid.payment.id, paid.intent)
        if paid is not None and self.reference is not None and paid.payment.method == "GATEWAY":
            await wake_unmatched(conn, actor.organization_id, self.reference.id)


async def _keep_intent(conn: Connection, actor: Actor, settings: Settings, payment_id: UUID, intent: Intent) -> None:
    """In the transaction that wrote the payment, so that nobody ever sees one without the other."""
    payment = await lock_payment(conn, actor.organization_id, payment_id)
    assert payment is not None
    taken = await take_intent(conn, actor, await list_standing(conn, payment), intent, None)
    await save(conn, actor, payment, taken, settings.payment_retry)


def _question(sent: PaymentIn, reference: ProviderReferenceIn, of: PaymentOf, email: str) -> Question:
    return Question(
        is_test=of.is_test,
        reference=reference,
        amount_cents=read_amount(sent.amount, sent.currency),
        currency=sent.currency,
        patient_id=of.patient_id,
        email=email,
    )


def _other_money(is_test: bool) -> str:
    this, other = ("test", "live") if is_test else ("live", "test")
    asked = "false" if is_test else "true"
    return f"expected isTest: {asked} and a reference of {other} money; the organization has no gateway account for {this} money"


async def refuse_used(
    conn: Connection, organization_id: UUID, account_id: UUID, reference_id: str, apart_from: UUID | None = None
) -> None:
    """Raises RuleBrokenError."""
    cursor = await queries.query_reference_used(conn, organization_id, account_id, reference_id, apart_from)
    if (await cursor.fetchall())[0][0]:
        refuse([FieldProblem(REFERENCE, USED)])


async def run_checked(
    services: Services,
    actor: Actor,
    request_key: RequestKey | None,
    act: Callable[[Connection], Awaitable[AnswerT]],
    check: Check | None,
) -> AnswerT:
    """As `run_once`, and once more with the gateway's word where `act` finds that it needs it.

    Raises what `run_once` raises; RuleBrokenError and GatewayAwayError of the gateway's word.
    """
    if check is None:
        return await run_once(services, actor, request_key, act)
    try:
        return await run_once(services, actor, request_key, act)
    except UncheckedReferenceError as unchecked:
        check.checked = await _ask(services, actor, unchecked.question)
    return await run_once(services, actor, request_key, act)


async def _ask(services: Services, actor: Actor, question: Question) -> Checked:
    opened = await open_gateway(services, actor.organization_id, is_test=question.is_test)
    if opened is None:
        raise GatewayAwayError(
            "the organization's gateway account was changed in this moment; try again in a few seconds"
        )
    account_id, gateway = opened
    async with services.db.transaction(actor) as conn:
        await refuse_used(conn, actor.organization_id, account_id, question.reference.id)
        customer_id = await find_customer_id(conn, actor.organization_id, account_id, question.patient_id)
    try:
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            return await ask_gateway(gateway, account_id, question, customer_id)
    except (GatewayError, TimeoutError) as error:
        log.warning("gateway_away_at_intake", organization_id=str(actor.organization_id), error=type(error).__name__)
        if services.settings.gateway_down == "refuse":
            raise GatewayAwayError from error
        return Checked(account_id=account_id, is_unchecked=True)


async def ask_gateway(gateway: Gateway, account_id: UUID, question: Question, customer_id: str | None) -> Checked:
    """Raises RuleBrokenError with every fault, and what the gateway raises."""
    found = await fetch(gateway, question)
    faults = faults_of(found, question)
    if faults or found is None:
        raise RuleBrokenError(problems=[FieldProblem(question.place, fault.expected) for fault in faults])
    return await accept(gateway, account_id, question, found, customer_id)


async def fetch(gateway: Gateway, question: Question) -> Setup | Intent | None:
    """None: the gateway knows no such object. Raises what the gateway raises."""
    if question.reference.type == "SETUP_INTENT":
        return await gateway.fetch_setup(question.reference.id)
    return await gateway.fetch_intent(question.reference.id)


async def accept(
    gateway: Gateway, account_id: UUID, question: Question, found: Setup | Intent, customer_id: str | None
) -> Checked:
    """What is kept of it. A card that was set up for nobody becomes the patient's: only a customer's can be charged later."""
    if isinstance(found, Intent):
        return Checked(account_id=account_id, customer_id=found.customer_id, method_id=found.method_id, intent=found)
    assert found.method_id is not None
    owner = found.customer_id
    if owner is None:
        owner = customer_id or await gateway.create_customer(
            key=uuid5(_KEYS, f"customer {account_id} {question.reference.id} {question.patient_id} {question.email}"),
            email=question.email,
            patient_id=question.patient_id,
        )
        owner = await _attach(gateway, found.method_id, owner, question.place)
    return Checked(account_id=account_id, customer_id=owner, method_id=found.method_id)


async def _attach(gateway: Gateway, method_id: str, customer_id: str, place: str) -> str:
    try:
        return await gateway.attach_method(method_id=method_id, customer_id=customer_id)
    except (DeclinedError, RefusedByGatewayError) as error:
        expected = "expected a setup intent whose card can be kept, and the gateway refuses to keep this one"
        raise RuleBrokenError(problems=[FieldProblem(place, expected)]) from error
