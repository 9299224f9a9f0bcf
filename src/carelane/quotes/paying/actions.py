"""What a patient does to pay for a quote: accept and pay, pay what was accepted, come back from the gateway."""

from uuid import UUID

import structlog

from carelane.charges.actions import ChargeDetails
from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.languages import language
from carelane.kit.phi import DataKey
from carelane.patients.queries import set_language
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.payments.checkouts.ending import end_checkouts
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.checkouts.opening import Wanted, open_checkout
from carelane.payments.checkouts.promising import promise_payment
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.queries import PaymentRow
from carelane.permissions import PAYMENTS_OWN, QUOTES_OWN, requires
from carelane.quotes.convert import charge_quote
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.expire import expire_if_past
from carelane.quotes.page.access import QuoteLink
from carelane.quotes.page.actions import AnswerGiven
from carelane.quotes.paying import queries
from carelane.quotes.queries import LockedQuote, lock_quote
from carelane.quotes.respond import PatientResponse, answer_quote
from carelane.quotes.states import OPEN
from carelane.services import Services

# A payment is looked at so often whose amount was changed by another payment meanwhile.
_MOST_STALE = 3

log = structlog.get_logger()


@requires(QUOTES_OWN, PAYMENTS_OWN)
async def pay_quote(
    services: Services, actor: Actor, link: QuoteLink, given: AnswerGiven | None, page_url: str, clinic: str
) -> str:
    """The address of the gateway's page. Accepts the quote first, if it is open and `given` says that the patient does.

    `actor` is the patient by id. Raises RecordNotFoundError, ConflictError (it is no longer what was shown), NothingToPayError,
    GatewayAwayError.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    for _ in range(_MOST_STALE):
        try:
            async with services.db.transaction(actor) as conn:
                payment_id, is_stale = await _promise(conn, actor, data_key, link, given)
        except QuotePastDateError:
            await expire_if_past(services.db, actor, link.quote_id)
            raise
        if not is_stale:
            break
        await end_checkouts(services, actor, payment_id)
    else:
        raise GatewayAwayError
    failpoints.reach("quote.accepted_to_pay")
    wanted = Wanted(
        mode="payment",
        description=f"Payment to {clinic}",
        success_url=lambda _: f"{page_url}/back",
        cancel_url=lambda _: page_url,
        amount_of=_amount_of,
    )
    return await open_checkout(services, actor, payment_id, wanted)


async def _promise(
    conn: Connection, actor: Actor, data_key: DataKey, link: QuoteLink, given: AnswerGiven | None
) -> tuple[UUID, bool]:
    """The quote is accepted and converted, each once; the payment of its charge."""
    quote = await _locked(conn, actor, link)
    if quote.status in OPEN and given is not None:
        await answer_quote(conn, actor, data_key, quote, "ACCEPTED", PatientResponse(given.message), given.revision)
        await set_language(conn, actor.organization_id, quote.patient_id, language())
        quote = await _locked(conn, actor, link)
    if quote.status not in {"ACCEPTED", "CONVERTED"}:
        raise ConflictError(f"the quote is {quote.status}; only one that is accepted is paid")
    charge_id = await charge_quote(conn, actor, data_key, quote, ChargeDetails())
    return await promise_payment(conn, actor, charge_id)


async def _locked(conn: Connection, actor: Actor, link: QuoteLink) -> LockedQuote:
    quote = await lock_quote(conn, actor.organization_id, link.quote_id)
    if quote is None:
        raise RecordNotFoundError
    return quote


def _amount_of(payment: PaymentRow) -> int:
    if payment.stage != "WAITING" or payment.status != "UNPAID":
        raise NothingToPayError
    return payment.amount_cents


@requires(QUOTES_OWN, PAYMENTS_OWN)
async def come_back(services: Services, actor: Actor, link: QuoteLink) -> None:
    """The patient is back from the gateway: what came of it is read there. If it cannot be read now, the worker reads it later."""
    async with services.db.reading(actor.organization_id) as conn:
        payment_ids = await queries.list_payment_ids(conn, actor.organization_id, link.quote_id)
    for payment_id in payment_ids:
        try:
            await apply_checkouts(services, actor, payment_id)
        except GatewayError as error:
            log.warning("payment_not_read", error=type(error).__name__, payment_id=str(payment_id))
