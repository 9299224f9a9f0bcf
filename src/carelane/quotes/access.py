"""From a quote's row to what a caller is shown."""

from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey, Phi
from carelane.patients.billing.access import show_patient
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.quotes import queries
from carelane.quotes.queries import DESCRIPTION, WORDS, LockedQuote, QuoteLineRow, QuoteRow, ShownQuote
from carelane.quotes.schemas import (
    PublicQuoteOut,
    QuoteItemOut,
    QuoteOut,
    QuoteSummaryOut,
)


class Words(Phi, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What staff wrote into a quote."""

    title: str | None = None
    description: str | None = None
    terms: str | None = None
    internal_notes: str | None = None


def open_words(data_key: DataKey, row: QuoteRow | LockedQuote) -> Words:
    if row.words is None:
        return Words()
    return msgspec.json.decode(data_key.open(bytes.fromhex(row.words), WORDS, row.id), type=Words)


def show_summary(data_key: DataKey, row: QuoteRow, patient: BillingPatientOut) -> QuoteSummaryOut:
    """A quote as its cart and the list of quotes show it."""
    words = open_words(data_key, row)
    return QuoteSummaryOut(
        id=row.given_id or str(row.id),
        patient_id=patient.id,
        status=row.status,
        discount_amount=row.discount_cents,
        discount_percentage=float(row.discount_percentage),
        tax_amount=row.tax_cents,
        total=row.total_cents,
        creator_id=row.creator.id if row.creator else None,
        cart_id=row.cart_id,
        title=words.title,
        item_count=row.item_count,
        package_count=row.package_count,
        created_date=row.created_at,
        updated_date=row.updated_at,
        valid_until_date=row.expires_at,
        sent_date=row.sent_at,
        viewed_date=row.viewed_at,
        responded_date=row.responded_at,
        internal_notes=words.internal_notes,
        creator=row.creator,
        patient=patient,
    )


def show_quote(data_key: DataKey, shown: ShownQuote) -> QuoteOut:
    """A quote as staff see it."""
    words = open_words(data_key, shown.quote)
    summary = show_summary(data_key, shown.quote, show_patient(data_key, shown.patient))
    return QuoteOut(
        **msgspec.structs.asdict(summary),
        description=words.description,
        terms=words.terms,
        items=[_show_line(data_key, summary.id, line) for line in shown.lines],
        converted_charge_id=str(shown.quote.charge_id) if shown.quote.charge_id else None,
        subtotal=shown.quote.subtotal_cents,
    )


def show_public(data_key: DataKey, shown: ShownQuote) -> PublicQuoteOut:
    """A quote as its patient sees it."""
    row, words = shown.quote, open_words(data_key, shown.quote)
    quote_id = row.given_id or str(row.id)
    return PublicQuoteOut(
        id=quote_id,
        status=row.status,
        title=words.title,
        description=words.description,
        discount_amount=row.discount_cents,
        tax_amount=row.tax_cents,
        total=row.total_cents,
        terms=words.terms,
        valid_until_date=row.expires_at,
        items=[_show_line(data_key, quote_id, line) for line in shown.lines],
        created_date=row.created_at,
        viewed_date=row.viewed_at,
        responded_date=row.responded_at,
        subtotal=row.subtotal_cents,
    )


def _show_line(data_key: DataKey, quote_id: str, line: QuoteLineRow) -> QuoteItemOut:
    return QuoteItemOut(
        quote_id=quote_id,
        item_id=line.item.id if line.item else None,
        package_id=line.package.id if line.package else None,
        quantity=float(line.quantity),
        unit_price=line.unit_price_cents,
        discount_amount=line.discount_amount_cents,
        discount_percentage=float(line.discount_percentage),
        tax_amount=line.tax_cents,
        total_price=line.total_cents,
        description=open_description(data_key, line.id, line.description),
        item=line.item,
        package=line.package,
        created_date=line.created_at,
        updated_date=line.updated_at,
    )


def open_description(data_key: DataKey, line_id: UUID, sealed: str | None) -> str | None:
    """What staff wrote to a line; `sealed` in hex."""
    return None if sealed is None else data_key.open(bytes.fromhex(sealed), DESCRIPTION, line_id).decode()


async def get_shown(conn: Connection, actor: Actor, name: str) -> ShownQuote:
    """The quote that callers know by this name. Raises RecordNotFoundError."""
    shown = await queries.find_shown(conn, actor.organization_id, record_id(actor.organization_id, name))
    if shown is None:
        raise RecordNotFoundError(f"no quote {name} here")
    return shown
