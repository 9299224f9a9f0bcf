"""The charge of a case's payment: made when the case is approved, for from then on the money is owed."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from carelane.charges.actions import NewCharge, NewLine, write_charge
from carelane.charges.owed import queries
from carelane.charges.owed.queries import ApprovedProduct
from carelane.charges.refresh import refresh_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.reads import credit_of
from carelane.ledger.schemas import Books


class CasePayment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a case, as its row has it; the row is locked."""

    id: UUID
    case_id: UUID
    patient_id: UUID
    amount_cents: int
    currency: str
    description: str | None
    is_test: bool


async def make_case_charge(conn: Connection, actor: Actor, data_key: DataKey, payment: CasePayment) -> UUID:
    """The charge of the payment, made now or before. What the payment brought until then pays it."""
    organization_id = actor.organization_id
    made, captured_cents = await queries.get_made_of_payment(conn, organization_id, payment.id)
    if made is not None:
        return made
    patient_id, products = await queries.get_approved(conn, organization_id, payment.case_id)
    new = _charge_of(payment, patient_id, products)
    await write_charge(conn, actor, data_key, new)
    await queries.set_charge_of_payment(conn, organization_id, payment.id, new.id)
    ahead = await _ahead(conn, organization_id, payment) if captured_cents else 0
    if ahead > 0:
        books = Books(payment.currency, payment.is_test)
        applied = entries.apply_credit(
            payment.id,
            books,
            patient_id=patient_id,
            credit_of=payment.patient_id,
            amount_cents=ahead,
            charge_id=new.id,
        )
        await post(conn, organization_id, applied)
        await refresh_charge(conn, organization_id, new.id, actor)
    return new.id


async def _ahead(conn: Connection, organization_id: UUID, payment: CasePayment) -> int:
    sources = await queries.list_sources(conn, organization_id, payment.id)
    return min(await credit_of(conn, organization_id, sources), payment.amount_cents)


def _charge_of(payment: CasePayment, patient_id: UUID, products: Sequence[ApprovedProduct]) -> NewCharge:
    return NewCharge(
        id=uuid7(),
        patient_id=patient_id,
        case_id=payment.case_id,
        currency=payment.currency,
        is_test=payment.is_test,
        description=payment.description,
        lines=_lines(payment, products),
        subtotal_cents=payment.amount_cents,
        discount_cents=0,
        tax_cents=0,
        total_cents=payment.amount_cents,
    )


def _lines(payment: CasePayment, products: Sequence[ApprovedProduct]) -> list[NewLine]:
    """A line for each approved product. What was paid is one amount: it is shared out as the products' prices stand to each
    other, equally where they have none in the payment's currency."""
    prices = [one.price_cents if one.currency == payment.currency else 0 for one in products]
    weights = prices if all(prices) else [1] * len(products)
    shares = entries.in_proportion(payment.amount_cents, weights)
    return [
        NewLine(product_id=one.id, name=one.name, quantity=1, unit_price_cents=cents, tax_cents=0, total_cents=cents)
        for one, cents in zip(products, shares, strict=True)
    ]
