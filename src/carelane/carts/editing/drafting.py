"""From bodies to the rows of a cart. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carelane.carts.editing.queries import CartContext, KnownPatient
from carelane.carts.lines import LineRow, price_rows, refuse, seal_words, too_much
from carelane.carts.queries import NOTES, CartRow
from carelane.carts.schemas import CartIn, in_utc
from carelane.carts.states import CartStatus
from carelane.kit.decimals import decimal_of
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import given_id, record_id
from carelane.kit.phi import DataKey
from carelane.staff import schemas as staff


def status_problems(body: CartIn, *accepted: CartStatus) -> list[FieldProblem]:
    if body.status is None or body.status in accepted:
        return []
    return [FieldProblem("status", f"expected {' or '.join(accepted)}; the others follow from what happens to a cart")]


def id_problems(organization_id: UUID, cart_id: UUID, body: CartIn) -> list[FieldProblem]:
    if body.id is None or record_id(organization_id, body.id) == cart_id:
        return []
    return [FieldProblem("id", "expected the id in the path, or none")]


def unknown_people(body: CartIn, context: CartContext) -> list[str]:
    """Whom the body names and the clinic does not have, in words."""
    texts = [] if context.patient else [f"no patient {body.patient_id} here"]
    if body.creator_id is not None and context.creator is None:
        texts.append(f"no member of staff {body.creator_id} here")
    return texts


def creator_problems(context: CartContext) -> list[FieldProblem]:
    return staff.creator_problems(context.creator.role) if context.creator else []


def new_cart(
    data_key: DataKey,
    organization_id: UUID,
    body: CartIn,
    cart_id: UUID,
    context: CartContext,
    patient: KnownPatient,
    now: datetime,
) -> CartRow:
    """Without lines yet. It is taxed where its patient goes."""
    return CartRow(
        id=cart_id,
        given_id=given_id(body.id),
        patient_id=patient.shown.id,
        location_id=patient.location_id,
        status="DRAFT",
        currency=context.catalogue.currency,
        subtotal_cents=0,
        discount_cents=0,
        tax_cents=0,
        total_cents=0,
        locked_at=None,
        charge_id=None,
        archived_at=None,
        created_at=now,
        updated_at=now,
        patient=patient.shown,
        lines=[],
        quotes=[],
        catalogue=context.catalogue,
        **_of_body(data_key, organization_id, body, cart_id, context),
    )


def replaced(data_key: DataKey, organization_id: UUID, cart: CartRow, body: CartIn, context: CartContext) -> CartRow:
    """The cart with everything that a body says, but for the lines."""
    return msgspec.structs.replace(cart, **_of_body(data_key, organization_id, body, cart.id, context))


def _of_body(
    data_key: DataKey, organization_id: UUID, body: CartIn, cart_id: UUID, context: CartContext
) -> dict[str, Any]:
    return {
        "creator_id": record_id(organization_id, body.creator_id) if body.creator_id is not None else None,
        "creator": context.creator.shown if context.creator else None,
        "discount_amount_cents": body.discount_amount,
        "discount_percentage": decimal_of(body.discount_percentage),
        "notes": seal_words(data_key, NOTES, cart_id, body.notes),
        "expires_at": in_utc(body.expires_date),
    }


def repriced(
    cart: CartRow, lines: Sequence[LineRow], now: datetime, places: Mapping[UUID, str], whole: str = "items"
) -> CartRow:
    """The cart with these lines and what all comes to. Raises RuleBrokenError when that is too much.

    `places` says where in the body the lines stand that may be at fault, `whole` what to name when none is by itself.
    """
    priced, rows = price_rows(lines, cart.catalogue, cart.discount_amount_cents, cart.discount_percentage, now)
    refuse([], too_much(priced, [places.get(line.id, "") for line in lines], whole))
    return msgspec.structs.replace(
        cart,
        lines=rows,
        subtotal_cents=priced.subtotal_cents,
        discount_cents=priced.discount_cents,
        tax_cents=priced.tax_cents,
        total_cents=priced.total_cents,
        updated_at=now,
    )
