"""From a quote's row to what its cart shows of it."""

from uuid import UUID

import msgspec

from carelane.carts.offers.queries import TEXTS, QuoteRow
from carelane.carts.offers.schemas import QuoteSummaryOut
from carelane.kit.damage import DAMAGED, shown_as
from carelane.kit.phi import DataKey, Phi
from carelane.patients.billing.schemas import BillingPatientOut


class QuoteTexts(Phi, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What staff wrote in a quote; sealed as one."""

    title: str | None = None
    description: str | None = None
    terms: str | None = None
    internal_notes: str | None = None


def open_texts(data_key: DataKey, quote_id: UUID, sealed: str | None) -> QuoteTexts:
    """`sealed` in hex."""
    if sealed is None:
        return QuoteTexts()
    return msgspec.json.decode(data_key.open(bytes.fromhex(sealed), TEXTS, quote_id), type=QuoteTexts)


def show_texts(data_key: DataKey, quote_id: UUID, sealed: str | None) -> QuoteTexts:
    """For whoever only looks: what does not open is shown as damaged."""
    if sealed is None:
        return QuoteTexts()
    damaged = QuoteTexts(title=DAMAGED, description=DAMAGED, terms=DAMAGED, internal_notes=DAMAGED)
    return shown_as(data_key, bytes.fromhex(sealed), TEXTS, quote_id, QuoteTexts, damaged)


def seal_texts(data_key: DataKey, quote_id: UUID, texts: QuoteTexts) -> bytes:
    return data_key.seal(msgspec.json.encode(texts), TEXTS, quote_id)


def show_summary(data_key: DataKey, row: QuoteRow, patient: BillingPatientOut) -> QuoteSummaryOut:
    texts = show_texts(data_key, row.id, row.texts)
    return QuoteSummaryOut(
        id=row.ref,
        patient_id=patient.id,
        status=row.status,
        discount_amount=row.discount_cents,
        discount_percentage=float(row.discount_percentage),
        tax_amount=row.tax_cents,
        total=row.total_cents,
        creator_id=row.creator.id if row.creator else None,
        cart_id=row.cart_id,
        title=texts.title,
        item_count=row.item_count,
        package_count=row.package_count,
        created_date=row.created_at,
        updated_date=row.updated_at,
        valid_until_date=row.expires_at,
        sent_date=row.sent_at,
        viewed_date=row.viewed_at,
        responded_date=row.responded_at,
        internal_notes=texts.internal_notes,
        creator=row.creator,
        patient=patient,
    )
