"""From a quote's row to the billing dialect's shapes."""

import msgspec

from carelane.carts.offers.schemas import QuoteSummaryOut
from carelane.carts.offers.views import show_summary, show_texts
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.pricing.lines import show_text
from carelane.quotes.queries import DESCRIPTION, ListedQuote, QuoteLineRow, ShownQuote
from carelane.quotes.schemas import PublicQuoteOut, QuoteItemOut, QuoteOut


def show_listed(data_key: DataKey, listed: ListedQuote) -> QuoteSummaryOut:
    return show_summary(data_key, listed.quote, show_patient(data_key, listed.patient))


def show_quote(data_key: DataKey, shown: ShownQuote) -> QuoteOut:
    """A quote as staff see it."""
    texts, summary = show_texts(data_key, shown.quote.id, shown.quote.texts), show_listed(data_key, shown)
    return QuoteOut(
        **msgspec.structs.asdict(summary),
        description=texts.description,
        terms=texts.terms,
        items=[_show_line(data_key, summary.id, line) for line in shown.lines],
        converted_charge_id=str(shown.quote.charge_id) if shown.quote.charge_id else None,
        subtotal=shown.quote.subtotal_cents,
    )


def show_public(data_key: DataKey, shown: ShownQuote) -> PublicQuoteOut:
    """A quote as its patient sees it."""
    row, texts = shown.quote, show_texts(data_key, shown.quote.id, shown.quote.texts)
    return PublicQuoteOut(
        id=row.ref,
        status=row.status,
        title=texts.title,
        description=texts.description,
        discount_amount=row.discount_cents,
        tax_amount=row.tax_cents,
        total=row.total_cents,
        terms=texts.terms,
        valid_until_date=row.expires_at,
        items=[_show_line(data_key, row.ref, line) for line in shown.lines],
        created_date=row.created_at,
        viewed_date=row.viewed_at,
        responded_date=row.responded_at,
        subtotal=row.subtotal_cents,
    )


def _show_line(data_key: DataKey, quote_ref: str, line: QuoteLineRow) -> QuoteItemOut:
    return QuoteItemOut(
        quote_id=quote_ref,
        item_id=line.item.id if line.item else None,
        package_id=line.package.id if line.package else None,
        quantity=float(line.quantity),
        unit_price=line.unit_price_cents,
        discount_amount=line.discount_amount_cents,
        discount_percentage=float(line.discount_percentage),
        tax_amount=line.tax_cents,
        total_price=line.total_cents,
        description=show_text(data_key, DESCRIPTION, line.id, line.description),
        item=line.item,
        package=line.package,
        created_date=line.created_at,
        updated_date=line.updated_at,
    )
