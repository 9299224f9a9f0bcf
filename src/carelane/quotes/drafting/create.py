"""Making a quote from a cart: its lines, discounts and amounts, as they are at that moment."""

from functools import partial

from carelane import events
from carelane.carts.access import require_seen
from carelane.carts.offers.views import QuoteTexts, seal_texts
from carelane.carts.queries import LockedCart, lock_cart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.clock import in_utc
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, refuse
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import refuse_unknown
from carelane.quotes.access import get_shown
from carelane.quotes.drafting import queries
from carelane.quotes.drafting.queries import NamedPeople, NewQuote
from carelane.quotes.schemas import QuoteIn, QuoteOut, quote_problems
from carelane.quotes.views import show_quote
from carelane.services import Services
from carelane.staff.schemas import creator_problems
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def create_quote(
    services: Services, actor: Actor, body: QuoteIn, request_key: RequestKey | None, seen: str | None = None
) -> QuoteOut:
    """A DRAFT with the cart's lines and amounts. The cart stays as it is. `seen`: the cart as somebody looked at it, see `seen_of`.

    Raises RuleBrokenError, RecordNotFoundError that names everything unknown, and ConflictError: the cart is no longer a DRAFT, or
    not what was seen, or the id is taken.
    """
    refuse(quote_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body, seen))


async def _create(actor: Actor, data_key: DataKey, body: QuoteIn, seen: str | None, conn: Connection) -> QuoteOut:
    organization_id = actor.organization_id
    cart = await lock_cart(conn, organization_id, record_id(organization_id, body.cart_id))
    patient_id, creator_id = (record_id(organization_id, ref) for ref in (body.patient_id, body.creator_id))
    named = await queries.find_named(conn, organization_id, patient_id, creator_id)
    known = _require_known(cart, named, body)
    require_seen(known, seen)
    refuse(_people_problems(named, is_same_patient=known.patient_id == patient_id))
    _require_quotable(known)
    new = _new_quote(actor, data_key, body, known, named)
    if not await queries.insert_quote(conn, organization_id, new):
        raise ConflictError(f"there is a quote {body.id} already; expected another id, or none")
    await events.record(conn, events.new_event(actor, "QUOTE_CREATED", None, target_id=new.id))
    return show_quote(data_key, await get_shown(conn, actor, str(new.id)))


def _require_known(cart: LockedCart | None, named: NamedPeople, body: QuoteIn) -> LockedCart:
    known = None if cart is None or cart.archived_at is not None else cart
    kinds = (
        ("cart", body.cart_id, known),
        ("patient", body.patient_id, named.patient),
        ("provider", body.creator_id, named.role),
    )
    refuse_unknown([f"no {kind} {ref} here" for kind, ref, found in kinds if found is None])
    assert known is not None, "it would have been refused"
    return known


def _people_problems(named: NamedPeople, *, is_same_patient: bool) -> list[FieldProblem]:
    problems = []
    if not is_same_patient:
        problems.append(FieldProblem("patientId", "expected the cart's own patient"))
    return problems + (creator_problems(named.role) if named.role is not None else [])


def _require_quotable(cart: LockedCart) -> None:
    """A cart that was offered lasts as long as its quotes do, whatever its own date says."""
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; a quote is made of a DRAFT")
    if cart.locked_at is None and cart.expires_at is not None and cart.expires_at <= clock.now():
        raise ConflictError("the cart's date has passed; give it a later expiresDate first")


def _new_quote(actor: Actor, data_key: DataKey, body: QuoteIn, cart: LockedCart, named: NamedPeople) -> NewQuote:
    quote_id = uuid7() if body.id is None else record_id(actor.organization_id, body.id)
    texts = QuoteTexts(
        title=_default_title(str(named.patient)) if body.title is None else body.title,
        description=body.description,
        terms=body.terms,
        internal_notes=body.internal_notes,
    )
    return NewQuote(
        id=quote_id,
        given_id=given_id(body.id),
        cart_id=cart.id,
        creator_id=record_id(actor.organization_id, body.creator_id),
        texts=seal_texts(data_key, quote_id, texts),
        requires_verification=body.requires_patient_verification,
        expires_at=in_utc(body.valid_until_date),
        now=clock.now(),
    )


def _default_title(patient: str) -> str:
    return f"Quote for {patient}" if patient else "Quote"
