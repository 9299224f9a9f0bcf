"""What a patient does on the page of a bill: sees it, pays a charge, comes back from the gateway."""

from uuid import UUID

import msgspec
import structlog

from carelane import events
from carelane.bills.owed import queries
from carelane.bills.owed.access import may_return_to
from carelane.bills.owed.queries import OwedRow, PaidRow
from carelane.bills.proof.access import PASS, BillLink, ProofKind, pass_body, proof_kind
from carelane.bills.proof.queries import ProofRow, find_proof
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.phi import DataKey, Phi
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.payments.checkouts.ending import end_checkouts
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.checkouts.opening import Wanted, open_checkout
from carelane.payments.checkouts.promising import promise_payment
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.queries import PaymentRow
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services

# A payment is looked at so often whose amount was changed by another payment meanwhile.
_MOST_STALE = 3

log = structlog.get_logger()


class BillSeen(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the page is made from. What is owed is there when it may be shown; `can_return`: to where the caller asked for."""

    proof: ProofRow
    kind: ProofKind
    owed: list[OwedRow]
    # By currency; also of charges that are too many for one page.
    sums: list[tuple[str, int]]
    recent: list[PaidRow]
    can_return: bool
    data_key: DataKey


@requires(PAYMENTS_OWN)
async def view_bill(
    services: Services, actor: Actor, link: BillLink, presented: str | None, return_url: str | None
) -> BillSeen:
    """`presented` is the cookie that says who the reader is. Raises RecordNotFoundError."""
    organization_id = actor.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        proof = await find_proof(conn, organization_id, link.patient_id)
        if proof is None:
            raise RecordNotFoundError
        is_verified = PASS.is_good(services.bill_link_key, pass_body(organization_id, proof), presented)
        kind = proof_kind(proof, link, clock.now(), is_verified=is_verified)
        can_return = return_url is not None and await may_return_to(conn, organization_id, return_url)
        if kind != "open":
            return BillSeen(
                proof=proof, kind=kind, owed=[], sums=[], recent=[], can_return=can_return, data_key=data_key
            )
        patient = msgspec.structs.replace(actor, id=proof.patient.id)
        await events.record_read(conn, patient, "patient", proof.patient.id, "the patient's bill")
        owed = await queries.list_owed(conn, organization_id, proof.patient.id)
        sums = await queries.list_sums(conn, organization_id, proof.patient.id)
        recent = await queries.list_recent(conn, organization_id, proof.patient.id)
    return BillSeen(
        proof=proof, kind=kind, owed=owed, sums=sums, recent=recent, can_return=can_return, data_key=data_key
    )


@requires(PAYMENTS_OWN)
async def pay_charge(services: Services, actor: Actor, charge_id: UUID, page_url: str, clinic: str) -> str:
    """The address of the gateway's page, for all that is outstanding of the charge. `actor` is the patient by id, and has proved it.

    Raises RecordNotFoundError, NothingToPayError, GatewayAwayError.
    """
    payment_id = await promise(services, actor, charge_id)
    wanted = Wanted(
        mode="payment",
        description=f"Payment to {clinic}",
        success_url=lambda _: f"{page_url}/back",
        cancel_url=lambda _: page_url,
        amount_of=_amount_of,
    )
    return await open_checkout(services, actor, payment_id, wanted)


@requires(PAYMENTS_OWN)
async def promise(services: Services, actor: Actor, charge_id: UUID) -> UUID:
    """The one payment of the charge that waits for its patient: another page of the gateway's with another amount is ended first."""
    assert actor.id is not None
    for _ in range(_MOST_STALE):
        async with services.db.transaction(actor) as conn:
            if not await queries.list_owed(conn, actor.organization_id, actor.id, [charge_id]):
                raise NothingToPayError
            payment_id, is_stale = await promise_payment(conn, actor, charge_id)
        if not is_stale:
            return payment_id
        await end_checkouts(services, actor, payment_id)
    raise GatewayAwayError


def _amount_of(payment: PaymentRow) -> int:
    if payment.stage != "WAITING" or payment.status != "UNPAID":
        raise NothingToPayError
    return payment.amount_cents


@requires(PAYMENTS_OWN)
async def come_back(services: Services, actor: Actor, link: BillLink, return_url: str | None) -> str | None:
    """The patient is back from the gateway: what came of it is read there; if it cannot be read now, the worker reads it later.

    Where to lead on to: `return_url`, if that is allowed. Raises RecordNotFoundError.
    """
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        proof = await find_proof(conn, organization_id, link.patient_id)
        if proof is None or proof.tries.version != link.version:
            raise RecordNotFoundError
        payment_ids = await queries.list_waiting(conn, organization_id, proof.patient.id)
        is_allowed = return_url is not None and await may_return_to(conn, organization_id, return_url)
    for payment_id in payment_ids:
        try:
            await apply_checkouts(services, actor, payment_id)
        except GatewayError as error:
            log.warning("payment_not_read", error=type(error).__name__, payment_id=str(payment_id))
    return return_url if is_allowed else None
