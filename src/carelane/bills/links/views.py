"""From what is owed to the billing dialect's shapes."""

from urllib.parse import urlencode
from uuid import UUID

from carelane.bills.links.schemas import LinkAsked, PublicInvoiceOut, PublicInvoiceSummaryOut
from carelane.bills.owed.queries import OwedRow
from carelane.bills.proof.access import bill_link, url_of
from carelane.bills.proof.queries import ProofRow
from carelane.bills.receipts.views import show_payer, show_public_charge
from carelane.kit import clock
from carelane.kit.phi import DataKey


def show_link(key: bytes, organization_id: UUID, proof: ProofRow, asked: LinkAsked) -> str:
    """The patient's link of today, with where it leads back to."""
    url = url_of(key, asked.base, bill_link(organization_id, proof.patient.id, proof.tries.version, clock.now()))
    return f"{url}?{urlencode({'return_url': asked.return_url})}" if asked.return_url else url


def show_invoice(data_key: DataKey, proof: ProofRow, row: OwedRow, link: str) -> PublicInvoiceOut:
    return PublicInvoiceOut(
        id=row.charge.ref,
        patient=show_payer(proof.patient),
        amount=row.charge.outstanding_cents,
        currency=row.currency,
        charges=[show_public_charge(data_key, row.charge)],
        created_date=row.charge.created_at,
        payment_link=link,
        sandbox=row.is_test,
    )


def show_summaries(proof: ProofRow, owed: list[OwedRow], link: str) -> list[PublicInvoiceSummaryOut]:
    """One for each currency, and for test money."""
    together: dict[tuple[str, bool], list[OwedRow]] = {}
    for row in owed:
        together.setdefault((row.currency, row.is_test), []).append(row)
    patient = show_payer(proof.patient)
    return [
        PublicInvoiceSummaryOut(
            id=patient.id,
            patient=patient,
            amount=sum(row.charge.outstanding_cents for row in rows),
            currency=currency,
            charge_ids=[row.charge.ref for row in rows],
            payment_link=link,
            sandbox=is_test,
        )
        for (currency, is_test), rows in sorted(together.items())
    ]
