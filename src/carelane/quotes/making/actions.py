"""Making a quote of a cart."""

from functools import partial

import msgspec

from carelane import events
from carelane.carts.lines import refuse
from carelane.carts.queries import LockedCart, lock_cart
from carelane.carts.schemas import in_utc
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.quotes import access
from carelane.quotes.making import queries
from carelane.quotes.making.queries import Named, NewQuote
from carelane.quotes.making.schemas import QuoteIn, quote_problems
from carelane.quotes.queries import WORDS
from carelane.quotes.schemas import QuoteOut
from carelane.services import Services
from carelane.staff.schemas import creator_problems
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


async def create_quote(services: Services, actor: Actor, body: QuoteIn, request_key: RequestKey | None) -> QuoteOut:
    """A DRAFT with the cart's lines and amounts; the cart stays as it is.

    Raises RuleBrokenError, RecordNotFoundError that names all that is unknown, ConflictError: the cart is no DRAFT any more, or
    the id is taken.
    """
    refuse([], list(quote_problems(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await idempotency.run_once(services, actor, request_key, partial(_create, actor, data_key, body))


async def _create(actor: Actor, data_key: DataKey, body: QuoteIn, conn: Connection) -> QuoteOut:
    organization_id = actor.organization_id
    cart = await lock_cart(conn, organization_id, record_id(organization_id, body.cart_id))
    patient_id, creator_id = (record_id(organization_id, name) for name in (body.patient_id, body.creator_id))
    named = await queries.find_named(conn, organization_id, patient_id, creator_id)
    cart = _require_known(cart, named, body)
    refuse([], _problems(named, is_same_patient=cart.patient_id == patient_id))
    _require_quotable(cart)
    new = _new_quote(actor, data_key, body, cart, named)
    if not await queries.insert_quote(conn, organization_id, new):
        raise ConflictError(f"there is a quote {body.id} already; expected another id, or none")
    await events.record(conn, events.new_event(actor, "QUOTE_CREATED", None, target_id=new.id))
    return access.show_quote(data_key, await access.get_shown(conn, actor, str(new.id)))


def _require_known(cart: LockedCart | None, named: Named, body: QuoteIn) -> LockedCart:
    known = None if cart is None or cart.archived_at is not None else cart
    kinds = (
        ("cart", body.cart_id, known), ("patient", body.patient_id, named.patient),
        ("provider", body.creator_id, named.role),
    )  # fmt: skip
    unknown = [f"no {kind} {name} here" for kind, name, found in kinds if found is None]
    if known is None or unknown:
        raise RecordNotFoundError("; ".join(unknown))
    return known


def _require_quotable(cart: LockedCart) -> None:
    """A cart that was offered stands as long as its quotes do, whatever its own date says."""
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; a quote is made of a DRAFT")
    if cart.locked_at is None and cart.expires_at is not None and cart.expires_at <= clock.now():
        raise ConflictError("the cart's date has passed; give it a later expiresDate first")


def _problems(named: Named, *, is_same_patient: bool) -> list[FieldProblem]:
    problems = []
    if not is_same_patient:
        problems.append(FieldProblem("patientId", "expected the cart's own patient"))
    return problems + (creator_problems(named.role) if named.role is not None else [])


def _new_quote(actor: Actor, data_key: DataKey, body: QuoteIn, cart: LockedCart, named: Named) -> NewQuote:
    quote_id = uuid7() if body.id is None else record_id(actor.organization_id, body.id)
    words = access.Words(
        title=_usual_title(str(named.patient)) if body.title is None else body.title,
        description=body.description,
        terms=body.terms,
        internal_notes=body.internal_notes,
    )
    return NewQuote(
        id=quote_id,
        given_id=given_id(body.id),
        cart_id=cart.id,
        creator_id=record_id(actor.organization_id, body.creator_id),
        words=data_key.seal(msgspec.json.encode(words), WORDS, quote_id),
        requires_verification=body.requires_patient_verification,
        expires_at=in_utc(body.valid_until_date),
        now=clock.now(),
    )


def _usual_title(patient: str) -> str:
    return f"Quote for {patient}" if patient else "Quote"
