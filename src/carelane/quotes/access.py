"""From a quote's row to what a caller is shown."""

import msgspec

from carelane.kit.phi import DataKey, Phi
from carelane.patients.records.schemas import PatientOut
from carelane.quotes.queries import WORDS, QuoteRow
from carelane.quotes.schemas import QuoteSummaryOut


class Words(Phi, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What staff wrote into a quote."""

    title: str | None = None
    description: str | None = None
    terms: str | None = None
    internal_notes: str | None = None


def open_words(data_key: DataKey, row: QuoteRow) -> Words:
    if row.words is None:
        return Words()
    return msgspec.json.decode(data_key.open(bytes.fromhex(row.words), WORDS, row.id), type=Words)


def show_summary(data_key: DataKey, row: QuoteRow, patient: PatientOut) -> QuoteSummaryOut:
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
