"""What a storefront's server does for a patient who wants to pay: proves who they are, promises a payment to embed."""

from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.bills.links import views
from carelane.bills.links.reads import get_proof, refuse_foreign
from carelane.bills.links.schemas import (
    EmbedPaymentConfigOut,
    LinkAsked,
    PaymentLinkDetailsOut,
    VerifyPatientIn,
    verify_problems,
)
from carelane.bills.owed.queries import OwedRow, list_owed
from carelane.bills.proof.access import bill_link, known_of, token_of
from carelane.bills.proof.actions import count, renew_link
from carelane.bills.proof.queries import ProofRow, find_proof
from carelane.bills.receipts.views import show_payer, show_public_charge
from carelane.charges.lists.queries import list_charges
from carelane.charges.schemas import ChargeFilters
from carelane.charges.views import show_with_items
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError, refuse
from carelane.kit.ids import record_id
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import DataKey, Phi
from carelane.kit.phones import digits_of, to_e164
from carelane.patients.billing.access import get_patient
from carelane.patients.billing.views import show_patient
from carelane.payments.checkouts.ending import end_checkouts
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.checkouts.promising import promise_payment
from carelane.payments.errors import GatewayAwayError
from carelane.permissions import BILLING_READ, BILLING_WRITE, requires
from carelane.quotes.page.access import plain_name
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.paging import Page

_MOST_STALE = 3
MOST_SHOWN = 100


class _StaleError(Exception):
    """Another amount could still be paid on a page of the gateway's: it must be ended before the payment is promised."""

    def __init__(self, payment_id: UUID) -> None:
        super().__init__()
        self.payment_id = payment_id


class Embedding(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What is to be embedded: a charge, or the one of which so much is outstanding."""

    patient_ref: str
    charge_ref: str | None
    amount_cents: int | None
    link: LinkAsked


@requires(BILLING_READ)
async def verify_patient(
    services: Services, actor: Actor, body: VerifyPatientIn, asked: LinkAsked, request_key: RequestKey | None
) -> PaymentLinkDetailsOut:
    """One try, counted with those on the patient's own pages, however often the request is sent. Whatever is wrong, or unknown, or
    locked: the answer is the same.

    Raises RuleBrokenError (no date), RecordNotFoundError.
    """
    refuse(verify_problems(body))
    data_key, is_shown = await services.keyring.data_key(actor.organization_id), False
    async with services.db.transaction(actor) as conn:
        proof = await find_proof(conn, actor.organization_id, record_id(actor.organization_id, body.patient_id))
        if proof is not None and known_of(proof).can_be_asked:
            verified = await count(conn, actor, proof.patient.id, None, is_good=_is_right(body, proof))
            is_shown = verified.outcome == "right"
    if proof is None or not is_shown:
        # Behind the transaction, which has counted.
        raise RecordNotFoundError("no patient with these particulars here")
    act = partial(_details, services, actor, data_key, proof, asked)
    return await run_once(services, actor, request_key, act)


def _is_right(body: VerifyPatientIn, proof: ProofRow) -> bool:
    """All that the clinic has on file must be the same; what it does not have is not asked for."""
    known, patient = known_of(proof), proof.patient
    is_name = not known.asks_name or plain_name(body.last_name) == known.last_name
    is_birth = known.birth is None or body.birth == known.birth
    on_file = patient.phone_e164 or to_e164(patient.phone_number) or digits_of(patient.phone_number or "")
    said = to_e164(body.phone_number) or digits_of(body.phone_number)
    return is_name and is_birth and (not on_file or said == on_file)


async def _details(
    services: Services, actor: Actor, data_key: DataKey, proof: ProofRow, asked: LinkAsked, conn: Connection
) -> PaymentLinkDetailsOut:
    filters = ChargeFilters(patient_id=proof.patient.id, outstanding=[1, MAX_CENTS])
    rows = await list_charges(conn, actor.organization_id, filters, Page(MOST_SHOWN, 0))
    patient = await get_patient(conn, actor, str(proof.patient.id))
    await events.record_read(conn, actor, "patient", proof.patient.id, "what a patient owes, who was verified")
    return PaymentLinkDetailsOut(
        charges=[show_with_items(data_key, row) for row in rows],
        patient=show_patient(data_key, patient),
        payment_link=views.show_link(services.bill_link_key, actor.organization_id, proof, asked),
    )


@requires(BILLING_WRITE)
async def embed_payment(
    services: Services, actor: Actor, asked: Embedding, request_key: RequestKey | None
) -> EmbedPaymentConfigOut:
    """Promises the payment of a charge; however many ask at once, it is one.

    Raises RecordNotFoundError, InvalidRequestError, RuleBrokenError (which charge), ConflictError (nothing can be paid), GatewayAwayError.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    for _ in range(_MOST_STALE):
        try:
            return await run_once(services, actor, request_key, partial(_embed, services, actor, data_key, asked))
        except _StaleError as stale:
            await end_checkouts(services, system_actor(actor.organization_id), stale.payment_id)
    raise GatewayAwayError


async def _embed(
    services: Services, actor: Actor, data_key: DataKey, asked: Embedding, conn: Connection
) -> EmbedPaymentConfigOut:
    organization_id = actor.organization_id
    proof = await get_proof(conn, actor, asked.patient_ref)
    await refuse_foreign(conn, actor, asked.link)
    row = await _chosen(conn, asked, organization_id, proof.patient.id)
    try:
        payment_id, is_stale = await promise_payment(conn, actor, row.charge.id)
    except NothingToPayError as error:
        raise ConflictError(
            "the charge cannot be paid online: the clinic has no gateway for it, it was just paid, or a payment of it is under way"
        ) from error
    if is_stale:
        raise _StaleError(payment_id)
    # Where the old links were closed after too many guesses, this is a new one.
    await renew_link(conn, organization_id, proof.patient.id)
    proof = await get_proof(conn, actor, asked.patient_ref)
    link = bill_link(organization_id, proof.patient.id, proof.tries.version, clock.now())
    return EmbedPaymentConfigOut(
        session_key=token_of(services.bill_link_key, link),
        payin_config_id=str(payment_id),
        sandbox=row.is_test,
        patient=show_payer(proof.patient),
        charge=show_public_charge(data_key, row.charge),
        payment_link=views.show_link(services.bill_link_key, organization_id, proof, asked.link),
    )


async def _chosen(conn: Connection, asked: Embedding, organization_id: UUID, patient_id: UUID) -> OwedRow:
    """The one charge that is meant: the oldest, where an amount fits several. Raises RuleBrokenError."""
    if asked.charge_ref is None and asked.amount_cents is None:
        _refuse("amount_cents", "expected an amount, or charge_id in its place")
    ids = None if asked.charge_ref is None else [record_id(organization_id, asked.charge_ref)]
    if ids is not None and not await list_owed(conn, organization_id, patient_id, ids):
        _refuse("charge_id", "expected a charge of which the patient still owes something")
    fitting = await list_owed(conn, organization_id, patient_id, ids, outstanding_cents=asked.amount_cents)
    if not fitting:
        _refuse("amount_cents", "expected all that is outstanding of one of the patient's charges")
    return fitting[0]


def _refuse(name: str, problem: str) -> None:
    raise RuleBrokenError(problems=[FieldProblem(name, problem, "query")])
