"""What is settled, in the ledger: each act once, in the transaction that records it. The payment's row is locked.

The charge is locked before anything is posted to it, and brought up to date after that.
"""

from collections.abc import Sequence
from uuid import UUID

from carelane.charges.owed.queries import LockedCharge, update_waiting
from carelane.charges.refresh import lock_charge, refresh_charge, refresh_locked, void_locked
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.desk_entries import beside_tips
from carelane.ledger.reads import charge_sums, credit_of, posted, shares_of
from carelane.ledger.schemas import Act, Books, Entry
from carelane.payments.lines.queries import list_by_charge
from carelane.payments.queries import PaymentRow
from carelane.payments.settling.queries import DisputeRow, IntentRow, RefundRow, Standing
from carelane.payments.shares.actions import apply_shares, list_applied, lock_given, post_given_back
from carelane.payments.shares.queries import ShareRow, list_given, list_shares
from carelane.payments.shares.rows import fits, spread_over
from carelane.payments.states import ACCEPTED


async def post_intent(
    conn: Connection, actor: Actor, payment: PaymentRow, known: IntentRow | None, intent: IntentRow
) -> int | None:
    """Money that was taken since, and what the gateway kept of it. How much of it paid nothing, as less was owed or it was called off;
    None: it was posted before, or there is none."""
    acts, charge, patient_id, pays = list[Entry](), None, None, True
    if intent.captured_cents and not (known and known.captured_cents):
        charge, patient_id = await _whose(conn, payment)
        pays = _is_wanted(payment, charge, intent.captured_cents)
        acts.append(_capture(payment, intent, charge if pays else None, patient_id))
    if intent.captured_cents and intent.fee_cents and (known is None or known.fee_cents is None):
        fee = entries.fee(
            intent.id, _books(payment), gateway_account_id=intent.gateway_account_id, amount_cents=intent.fee_cents
        )
        acts.append(fee)
    new = await post(conn, payment.organization_id, *acts)
    if patient_id is None or not new:
        return None
    if charge is not None:
        await refresh_locked(conn, charge, actor)
        if pays and intent.captured_cents >= charge.outstanding_cents:
            await update_waiting(conn, payment.organization_id, [charge.id], payment.id)
        return max(intent.captured_cents - charge.outstanding_cents, 0) if pays else intent.captured_cents
    if not pays:
        return intent.captured_cents
    shares = await list_shares(conn, payment.organization_id, payment.id)
    if not shares:
        return 0
    used_cents = await apply_shares(conn, actor, patient_id, shares, intent.captured_cents)
    await update_waiting(conn, payment.organization_id, [share.charge_id for share in shares], payment.id)
    return intent.captured_cents - used_cents


def _is_wanted(payment: PaymentRow, charge: LockedCharge | None, captured_cents: int) -> bool:
    """Of what was called off nothing pays a charge, which would then be given back with it. But where the charge is owed again, and all
    of the money is needed, it is as if nothing had been called off."""
    if payment.case_id is not None or payment.wanted != "RETURN":
        return True
    return charge is not None and 0 < captured_cents <= charge.outstanding_cents


def _capture(payment: PaymentRow, intent: IntentRow, charge: LockedCharge | None, patient_id: UUID) -> Entry:
    """It pays what is outstanding of the charge; what is more than that, or ahead of it, is credit."""
    return entries.capture(
        intent.id,
        _books(payment),
        gateway_account_id=intent.gateway_account_id,
        patient_id=patient_id,
        amount_cents=intent.captured_cents,
        charge_id=payment.charge_id,
        outstanding_cents=charge.outstanding_cents if charge else 0,
    )


async def post_refund(conn: Connection, actor: Actor, standing: Standing, intent: IntentRow, refund: RefundRow) -> None:
    """First out of what the payment has in credit; the rest undoes what the charge stands in. What the desk gave back before is not
    in either any more: given once more by the gateway, it is lost."""
    payment = standing.payment
    # One for several charges is for none alone.
    if shares := await _shares(conn, payment):
        await _post_refund_of_several(conn, actor, standing, intent, refund, shares)
        return
    charge, patient_id = await _whose(conn, payment)
    over = _over(standing, refund)
    of_lines = sum((await list_by_charge(conn, payment.organization_id, refund.id)).values())
    of_charge = await shares_of(conn, payment.organization_id, charge.id) if charge else []
    entry = entries.refund(
        refund.id,
        _books(payment),
        gateway_account_id=intent.gateway_account_id,
        patient_id=patient_id,
        amount_cents=refund.amount_cents - over,
        charge_id=payment.charge_id,
        shares=beside_tips(of_charge, of_lines) if of_lines else of_charge,
        credit_cents=_beside_lines(standing, refund, await _credit(conn, standing), of_lines),
    )
    await _post(conn, actor, payment, entry, _lost(payment, intent, refund, over))


def _beside_lines(standing: Standing, refund: RefundRow, credit_cents: int, of_lines: int) -> int:
    """What lines come to was paid for them, and goes back of what stands against the charge, as far as that reaches."""
    if not of_lines:
        return credit_cents
    against = max(_left_before(standing, refund) - credit_cents, 0)
    return min(credit_cents, max(refund.amount_cents - against, 0))


def _over(standing: Standing, refund: RefundRow) -> int:
    """What of it is more than is left of all that was captured."""
    return min(max(refund.amount_cents - _left_before(standing, refund), 0), refund.amount_cents)


def _left_before(standing: Standing, refund: RefundRow) -> int:
    others = sum(one.amount_cents for one in standing.refunds if one.status in ACCEPTED and one.id != refund.id)
    return sum(one.captured_cents for one in standing.intents) - others


def _lost(payment: PaymentRow, intent: IntentRow, refund: RefundRow, cents: int) -> Entry:
    return entries.returned_twice(
        refund.id, _books(payment), gateway_account_id=intent.gateway_account_id, amount_cents=cents
    )


async def _post_refund_of_several(
    conn: Connection,
    actor: Actor,
    standing: Standing,
    intent: IntentRow,
    refund: RefundRow,
    shares: Sequence[ShareRow],
) -> None:
    """The same of a payment for several charges: in proportion to what of it stands against each, or as its lines say."""
    payment = standing.payment
    lefts = await list_applied(conn, payment.organization_id, shares)
    over = _over(standing, refund)
    wanted = await list_by_charge(conn, payment.organization_id, refund.id)
    is_of_lines = not over and fits(wanted, lefts)
    of_credit = 0 if is_of_lines else min(refund.amount_cents - over, await _credit(conn, standing, shares))
    _, patient_id = await _whose(conn, payment)
    entry = entries.refund(
        refund.id,
        _books(payment),
        gateway_account_id=intent.gateway_account_id,
        patient_id=patient_id,
        amount_cents=of_credit,
        credit_cents=of_credit,
    )
    await post(conn, payment.organization_id, entry, _lost(payment, intent, refund, over))
    rest = refund.amount_cents - over - of_credit
    sources = [(entries.gateway(intent.gateway_account_id), rest)]
    parts = wanted if is_of_lines else spread_over(rest, lefts)
    await post_given_back(conn, actor, refund.id, parts, sources, is_of_lines=is_of_lines)


async def post_void(conn: Connection, actor: Actor, payment: PaymentRow, charge_id: UUID) -> bool:
    """Nothing was taken, and nothing is owed any more. False: something else became of the charge before."""
    charge = await lock_charge(conn, payment.organization_id, charge_id)
    sums = await charge_sums(conn, payment.organization_id, charge.id)
    if charge.is_voided or sums.paid_cents or sums.written_off_cents:
        return charge.is_voided
    await void_locked(conn, payment.organization_id, charge)
    await refresh_charge(conn, payment.organization_id, charge.id, actor)
    return True


async def post_refund_failed(conn: Connection, actor: Actor, payment: PaymentRow, refund: RefundRow) -> None:
    """The money came back."""
    await lock_given(conn, actor, refund.id)
    for given_id, charge_id in await list_given(conn, payment.organization_id, refund.id):
        parts = await posted(conn, payment.organization_id, "REFUND", given_id)
        await post(conn, payment.organization_id, entries.refund_failed(given_id, _books(payment), parts, charge_id))
        await refresh_charge(conn, payment.organization_id, charge_id, actor)
    sent = await posted(conn, payment.organization_id, "REFUND", refund.id)
    # What was lost with it was no charge's, so that its way back is none's either.
    lost = [one for one in sent if one.debit == entries.WRITE_OFFS]
    of_charge = [one for one in sent if one.debit != entries.WRITE_OFFS]
    await _post(
        conn,
        actor,
        payment,
        entries.refund_failed(refund.id, _books(payment), of_charge, payment.charge_id),
        entries.refund_failed(refund.id, _books(payment), lost),
    )


async def post_dispute(
    conn: Connection, actor: Actor, standing: Standing, dispute: DisputeRow, *, taken_cents: int
) -> None:
    """The bank took money back, and the gateway its fee; then it came back, or will not."""
    payment, books, account_id = standing.payment, _books(standing.payment), dispute.gateway_account_id
    charge_id = payment.charge_id
    taken = await _posted_cents(conn, payment, "DISPUTE", dispute.id) or taken_cents
    charged = await _posted_cents(conn, payment, "DISPUTE_FEE", dispute.id) or dispute.fee_cents
    acts = [
        entries.dispute(dispute.id, books, gateway_account_id=account_id, amount_cents=taken, charge_id=charge_id),
        entries.dispute_fee(dispute.id, books, gateway_account_id=account_id, amount_cents=charged),
    ]
    if dispute.status == "WON":
        won = entries.dispute_won(
            dispute.id,
            books,
            gateway_account_id=account_id,
            amount_cents=taken,
            fee_cents=charged - dispute.fee_cents,
            charge_id=charge_id,
        )
        acts.append(won)
    elif dispute.status == "LOST":
        _, patient_id = await _whose(conn, payment)
        lost = entries.dispute_lost(
            dispute.id,
            books,
            patient_id=patient_id,
            amount_cents=taken,
            charge_id=charge_id,
            credit_cents=await _credit(conn, standing, await _shares(conn, payment)),
            gateway_account_id=account_id,
            more_fee_cents=dispute.fee_cents - charged,
        )
        acts.append(lost)
    for act in acts:
        await _post(conn, actor, payment, act)


async def _whose(conn: Connection, payment: PaymentRow) -> tuple[LockedCharge | None, UUID]:
    """The charge, locked, if there is one, and whose accounts the money stands in."""
    charge = await lock_charge(conn, payment.organization_id, payment.charge_id) if payment.charge_id else None
    patient_id = charge.patient_id if charge else payment.patient_id
    if patient_id is None:
        raise LookupError("the payment is nobody's")
    return charge, patient_id


async def _shares(conn: Connection, payment: PaymentRow) -> Sequence[ShareRow]:
    """None where all of it is one charge's."""
    return await list_shares(conn, payment.organization_id, payment.id) if payment.charge_id is None else ()


async def credit_left(conn: Connection, standing: Standing) -> int:
    """What of it paid nothing, and did not go back yet."""
    return await _credit(conn, standing, await _shares(conn, standing.payment))


async def _credit(conn: Connection, standing: Standing, shares: Sequence[ShareRow] = ()) -> int:
    organization_id = standing.payment.organization_id
    return max(await credit_of(conn, organization_id, [*_sources(standing), *(share.id for share in shares)]), 0)


async def _posted_cents(conn: Connection, payment: PaymentRow, act: Act, source_id: UUID) -> int:
    return sum(one.amount_cents for one in await posted(conn, payment.organization_id, act, source_id))


async def _post(conn: Connection, actor: Actor, payment: PaymentRow, *acts: Entry) -> None:
    new = await post(conn, payment.organization_id, *acts)
    if new and payment.charge_id is not None:
        await refresh_charge(conn, payment.organization_id, payment.charge_id, actor)


def _sources(standing: Standing) -> list[UUID]:
    """Whatever brought the payment's money or took it back, as the ledger names it."""
    intents, refunds = (row.id for row in standing.intents), (row.id for row in standing.refunds)
    return [standing.payment.id, *intents, *refunds, *(row.id for row in standing.disputes)]


def _books(payment: PaymentRow) -> Books:
    return Books(payment.currency, payment.is_test)
