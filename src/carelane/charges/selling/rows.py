"""From a body to a priced charge. Draws ids; no I/O."""

from uuid import UUID

import msgspec

from carelane.charges.actions import NewCharge, NewLine
from carelane.charges.selling.queries import KnownPatient, SaleContext
from carelane.charges.selling.schemas import ChargeIn, ChargeItemIn
from carelane.kit.clock import in_utc
from carelane.kit.decimals import decimal_of, rounded_decimal
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.pricing import arithmetic
from carelane.pricing.lines import Catalog, RequestedLine, unknown_texts, unsellable_problems
from carelane.staff.schemas import creator_problems
from carelane.taxes.schemas import Sold, applicable

# How taxes see what is sold by a name alone: only those on everything are raised on it.
_BY_NAME = Sold(type="CUSTOM", category=None)
_WITHIN_MAXIMUM = f"expected a total of at most {MAX_CENTS} cents"


class Asked(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A sale from a body, by our ids. `path` leads to it in the body; a line that is sold by a name alone requests nothing."""

    path: str
    body: ChargeIn
    id: UUID
    patient_id: UUID
    creator_id: UUID | None
    location_id: UUID | None
    sellers: dict[str, UUID]
    lines: list[tuple[ChargeItemIn, RequestedLine | None]]

    @property
    def requested(self) -> list[RequestedLine]:
        """The lines that sell what is in the catalog."""
        return [requested for _, requested in self.lines if requested is not None]


def asked_of(organization_id: UUID, body: ChargeIn, path: str) -> Asked:
    """`body` must have passed `charge_problems`."""

    def id_of(name: str | None) -> UUID | None:
        return record_id(organization_id, name) if name is not None else None

    names = {line.sold_by_provider_id for line in body.items if line.sold_by_provider_id is not None}
    names |= {tip.provider_id for tip in body.tips}
    return Asked(
        path=path,
        body=body,
        id=id_of(body.id) or uuid7(),
        patient_id=record_id(organization_id, body.patient_id),
        creator_id=id_of(body.creator_id),
        location_id=id_of(body.location_id),
        sellers={name: record_id(organization_id, name) for name in names},
        lines=[(line, _requested(organization_id, line, f"{path}items[{n}].")) for n, line in enumerate(body.items)],
    )


def _requested(organization_id: UUID, line: ChargeItemIn, path: str) -> RequestedLine | None:
    item, package = line.item_id, line.package_id
    if item is None and package is None:
        return None
    return RequestedLine(
        path=path,
        ref=item or package or "",
        product_id=record_id(organization_id, item) if item is not None else None,
        bundle_id=record_id(organization_id, package) if package is not None else None,
        quantity=decimal_of(line.quantity),
        unit_price_cents=line.price,
        discount_amount_cents=line.discount_amount or 0,
        discount_percentage=rounded_decimal(line.discount_percentage or 0.0),
        text=line.description,
    )


def unknown_of(asked: Asked, context: SaleContext) -> list[str]:
    """What the body names and the clinic does not have, in words."""
    body = asked.body
    texts = [] if context.patient else [f"no patient {body.patient_id} here"]
    if asked.creator_id is not None and context.creator_role is None:
        texts.append(f"no member of staff {body.creator_id} here")
    if asked.location_id is not None and not context.has_location:
        texts.append(f"no location {body.location_id} here")
    unknown = sorted(name for name, seller_id in asked.sellers.items() if seller_id not in context.sellers)
    texts += [f"no member of staff {name} here" for name in unknown if name != body.creator_id]
    return texts + unknown_texts(asked.requested, context.catalog)


def problems_of(asked: Asked, context: SaleContext) -> list[FieldProblem]:
    """What is known, and cannot stand in a charge."""
    roles = creator_problems(context.creator_role) if context.creator_role is not None else []
    named = [FieldProblem(f"{asked.path}{one.field}", one.problem) for one in roles]
    return [*named, *unsellable_problems(asked.requested, context.catalog)]


def priced(asked: Asked, patient: KnownPatient, catalog: Catalog) -> tuple[NewCharge, list[FieldProblem]]:
    """The charge at our price, and what of the body says otherwise."""
    body, lines = asked.body, [_line(line, requested, catalog) for line, requested in asked.lines]
    amount, percentage = body.discount_amount or 0, rounded_decimal(body.discount_percentage or 0.0)
    whole = arithmetic.price(lines, amount, percentage)
    charge = NewCharge(
        id=asked.id,
        given_id=given_id(body.id),
        patient_id=patient.id,
        creator_id=asked.creator_id,
        location_id=asked.location_id or patient.location_id,
        currency=catalog.currency,
        discount_amount_cents=amount,
        discount_percentage=percentage,
        subtotal_cents=whole.subtotal_cents,
        discount_cents=whole.discount_cents,
        tax_cents=whole.tax_cents,
        total_cents=whole.total_cents,
        description=body.description,
        external_id=body.external_id,
        appointment_id=body.event_id,
        comment=body.comment or None,
        meta=msgspec.json.encode(body.meta).decode() if body.meta is not None else None,
        external_created_at=in_utc(body.external_created_date),
        lines=[_sold(asked, n, part, catalog) for n, part in enumerate(whole.lines)],
    )
    return charge, _excess(asked, whole) or _other_totals(asked, charge)


def _line(line: ChargeItemIn, requested: RequestedLine | None, catalog: Catalog) -> arithmetic.Line:
    sold_id = (requested.product_id or requested.bundle_id) if requested else None
    if sold_id is None:
        rates = tuple(arithmetic.TaxRate(tax.percentage, tax.id) for tax in applicable(catalog.taxes, _BY_NAME))
    else:
        rates = catalog.tax_rates[sold_id]
    return arithmetic.Line(
        sold_id=sold_id or UUID(int=0),
        quantity=decimal_of(line.quantity),
        unit_price_cents=line.price,
        discount_amount_cents=line.discount_amount or 0,
        discount_percentage=rounded_decimal(line.discount_percentage or 0.0),
        taxes=rates,
    )


def _sold(asked: Asked, n: int, part: arithmetic.PricedLine, catalog: Catalog) -> NewLine:
    """By the name it is given, or else by its own."""
    line, requested = asked.lines[n]
    seller, name = line.sold_by_provider_id, line.name
    if name is None and requested is not None:
        name = catalog.sold[requested.product_id or requested.bundle_id].shown.name
    return NewLine(
        product_id=requested.product_id if requested else None,
        bundle_id=requested.bundle_id if requested else None,
        name=name or "",
        description=line.description,
        quantity=line.quantity,
        unit_price_cents=line.price,
        discount_amount_cents=line.discount_amount or 0,
        discount_percentage=rounded_decimal(line.discount_percentage or 0.0),
        discount_reason=line.discount_reason,
        tax_cents=part.tax_cents,
        total_cents=part.total_cents,
        sold_by_id=asked.sellers[seller] if seller is not None else None,
    )


def _excess(asked: Asked, whole: arithmetic.Priced) -> list[FieldProblem]:
    problems = [
        FieldProblem(f"{asked.path}items[{n}].quantity", _WITHIN_MAXIMUM)
        for n, line in enumerate(whole.lines)
        if line.gross_cents > MAX_CENTS
    ]
    if not problems and max(whole.subtotal_cents, whole.total_cents) > MAX_CENTS:
        problems.append(FieldProblem(f"{asked.path}items", _WITHIN_MAXIMUM))
    return problems


def _other_totals(asked: Asked, charge: NewCharge) -> list[FieldProblem]:
    whole = charge.total_cents + sum(tip.amount for tip in asked.body.tips)
    if whole > MAX_CENTS:
        return [FieldProblem(f"{asked.path}tips", _WITHIN_MAXIMUM)]
    said = {"totalOutstanding": asked.body.total_outstanding, "total": asked.body.total or whole}
    words = f"expected {whole}, which is what the lines come to with discounts and taxes"
    words += " and with the tips" if asked.body.tips else ""
    return [FieldProblem(f"{asked.path}{name}", words) for name, cents in said.items() if cents != whole]
