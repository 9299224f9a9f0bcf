"""What a patient does about a payment: sees it, confirms it at the bank, pays with another card, comes back from the gateway."""

import asyncio
from datetime import datetime
from typing import Literal
from uuid import uuid5

import msgspec
import structlog

from carelane import events
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import open_account
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.checkouts.opening import Wanted, open_checkout
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import DeclinedError, GatewayError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Gateway, Intent
from carelane.payments.links.access import PaymentLink, link_from, url_of
from carelane.payments.page import queries
from carelane.payments.page.queries import Confirmable, PageRow
from carelane.payments.queries import PaymentRow, lock_payment
from carelane.payments.settling.settle import settle
from carelane.payments.states import NOT_TRIED, WITH_PATIENT
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services

# What the page shows.
PageKind = Literal[
    "replaced", "ended", "confirm", "card", "first_card", "working", "waiting", "clinic", "paid", "refunded", "canceled"
]
# How long somebody who came at the same time as another waits for what the gateway answered the other.
_LOOKS = 24
_LOOK_SECONDS = 0.25
# After which another may try, if nothing was written down; and after which the worker looks.
_LEFT_SECONDS = 5.0
_WORKER_LOOKS_SECONDS = 30.0
# What the gateway may still make of an intent that was never confirmed.
_TO_CONFIRM = frozenset({"requires_payment_method", "requires_confirmation"})

log = structlog.get_logger()


class Seen(Phi, msgspec.Struct, frozen=True):
    row: PageRow
    kind: PageKind


@requires(PAYMENTS_OWN)
async def view_payment(services: Services, actor: Actor, link: PaymentLink) -> Seen:
    """Raises RecordNotFoundError."""
    async with services.db.transaction(actor) as conn:
        row = await queries.find_page(conn, actor.organization_id, link.payment_id)
        if row is None:
            raise RecordNotFoundError
        kind = page_kind(row, link)
        if kind not in {"replaced", "ended"}:
            patient = msgspec.structs.replace(actor, id=row.patient_id)
            await events.record_read(conn, patient, "payment", row.id, "the patient's payment page")
        return Seen(row, kind)


def page_kind(row: PageRow, link: PaymentLink) -> PageKind:
    """What may be shown now."""
    if link.version != row.link_version:
        return "replaced"
    if link.expires_at <= clock.now():
        return "ended"
    by_stage: dict[str, PageKind] = {
        "NEEDS_PATIENT": "confirm",
        "NEEDS_CARD": "first_card" if row.failure in NOT_TRIED else "card",
        "DUE": "working",
        "UNCHECKED": "waiting",
        "WAITING": "waiting",
        "NEEDS_STAFF": "clinic",
        "RELEASING": "canceled",
    }
    by_status: dict[str, PageKind] = {"PAID": "paid", "REFUND": "refunded", "CANCELED": "canceled"}
    return by_status.get(row.status) or by_stage.get(row.stage, "clinic")


@requires(PAYMENTS_OWN)
async def confirm_payment(services: Services, actor: Actor, link: PaymentLink, return_url: str) -> str | None:
    """Where the patient confirms it; None: there is nothing to confirm any more, the page says what is. However many ask at once,
    the gateway is asked once. Raises GatewayAwayError."""
    for _ in range(_LOOKS):
        attempt = await _find(services, actor, link)
        if attempt is None:
            return None
        try:
            gateway = await open_account(services, actor.organization_id, attempt.gateway_account_id)
            intent = await gateway.fetch_intent(attempt.gateway_id)
            if intent is None:
                return None
            if intent.status == "requires_action" and intent.action_url:
                return intent.action_url
            if intent.status not in _TO_CONFIRM:
                await settle(services, actor, link.payment_id, intent, attempt.attempt_id)
                return None
            claimed = await _claim(services, actor, link, attempt)
            if claimed is not None:
                return await _confirm(services, actor, link, gateway, claimed, intent, return_url)
        except GatewayError as error:
            raise GatewayAwayError from error
        await asyncio.sleep(_LOOK_SECONDS)
    raise GatewayAwayError


async def _find(services: Services, actor: Actor, link: PaymentLink) -> Confirmable | None:
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_page(conn, actor.organization_id, link.payment_id)
        if row is None or page_kind(row, link) != "confirm":
            return None
        return await queries.find_confirmable(conn, actor.organization_id, link.payment_id)


async def _claim(services: Services, actor: Actor, link: PaymentLink, attempt: Confirmable) -> Confirmable | None:
    async with services.db.transaction(actor) as conn:
        payment = await lock_payment(conn, actor.organization_id, link.payment_id)
        if payment is None or payment.stage != "NEEDS_PATIENT":
            return None
        claimed = await queries.claim_confirmation(conn, actor.organization_id, attempt, _LEFT_SECONDS)
        if claimed is not None:
            await queries.set_look(conn, actor.organization_id, payment.id, _WORKER_LOOKS_SECONDS)
        return claimed


async def _confirm(
    services: Services,
    actor: Actor,
    link: PaymentLink,
    gateway: Gateway,
    attempt: Confirmable,
    intent: Intent,
    return_url: str,
) -> str | None:
    """The same intent once more, with the card that the bank wanted confirmed."""
    failpoints.reach("payment_page.confirming")
    answer: Intent | None
    try:
        answer = await gateway.confirm(
            key=uuid5(attempt.id, f"confirm {attempt.sends}"),
            intent_id=intent.id,
            method_id=intent.failed_method_id or intent.method_id,
            return_url=return_url,
        )
    except (DeclinedError, RefusedByGatewayError):
        answer = await gateway.fetch_intent(intent.id)
    except GatewayError:
        # Whoever tries again looks first what the intent is, and one intent takes its money once.
        async with services.db.transaction(actor) as conn:
            await queries.set_unconfirmed(conn, actor.organization_id, attempt)
        raise
    failpoints.reach("payment_page.confirmed")
    if answer is None:
        return None
    await settle(services, actor, link.payment_id, answer, attempt.attempt_id)
    return answer.action_url if answer.status == "requires_action" else None


@requires(PAYMENTS_OWN)
async def change_card(services: Services, actor: Actor, link: PaymentLink, seen: Seen, base_url: str) -> str:
    """Where the patient, who was shown `seen`, enters another card. Raises NothingToPayError, GatewayAwayError."""
    if seen.kind not in {"card", "first_card", "confirm"}:
        raise NothingToPayError

    def page_url(made_at: datetime) -> str:
        back = link_from(link.organization_id, link.payment_id, seen.row.link_version, made_at)
        return url_of(services.payment_link_key, base_url, back)

    wanted = Wanted(
        mode="setup",
        description=f"Payment to {seen.row.organization_name}",
        success_url=lambda made_at: f"{page_url(made_at)}/back",
        cancel_url=page_url,
        amount_of=_amount_of,
    )
    return await open_checkout(services, actor, link.payment_id, wanted)


def _amount_of(payment: PaymentRow) -> int:
    if payment.stage not in WITH_PATIENT:
        raise NothingToPayError
    return payment.amount_cents


@requires(PAYMENTS_OWN)
async def come_back(services: Services, actor: Actor, link: PaymentLink) -> None:
    """The patient is back from the gateway: what came of it is read there. If it cannot be read now, the worker reads it later."""
    try:
        await apply_checkouts(services, actor, link.payment_id)
        attempt = await _find(services, actor, link)
        if attempt is None:
            return
        gateway = await open_account(services, actor.organization_id, attempt.gateway_account_id)
        intent = await gateway.fetch_intent(attempt.gateway_id)
        if intent is not None:
            await settle(services, actor, link.payment_id, intent, attempt.attempt_id)
    except GatewayError as error:
        log.warning("payment_not_read", error=type(error).__name__, payment_id=str(link.payment_id))
