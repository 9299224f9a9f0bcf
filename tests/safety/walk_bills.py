"""Receipts, pay links and invoices, as another clinic asks for them."""

from collections.abc import Iterator
from typing import Any


def walk_bills(victim: Any, other: Any, mark: str) -> Iterator[tuple[str, Any]]:
    payment = "/billing/payment"
    for part in ("receipt", "receipt/items", "receipt.pdf", "items/authenticated"):
        yield f"GET {payment}/{{payment_id}}/{part}", None
    yield f"POST {payment}/send-receipt", {"paymentId": victim.payment, "useEmail": True}
    yield "GET /billing/payment-link/{patient_id}", None
    yield "GET /billing/payment-links?phone_number=12125550100", None
    who = {"patientId": victim.patient, "lastName": mark, "phoneNumber": "+12125550100", "dateOfBirth": "1985-03-27"}
    yield "POST /billing/payment-link/verify-patient", who
    yield f"POST /billing/embed-payment/{{patient_id}}?charge_id={victim.charge}", None
    yield f"POST /billing/embed-payment/|{other.patient}?charge_id={victim.charge}", None
    invoice = "/billing/invoice"
    for query in ("", f"?search_term={mark}", f"?location_id={victim.location}"):
        yield f"GET {invoice}/table{query}", None
    asked = {"message": "", "invoiceMethod": "EMAIL"}
    yield f"POST {invoice}/create", asked | {"patientId": victim.patient}
    yield f"POST {invoice}/create", asked | {"patientId": other.patient, "charges": [{"id": victim.charge}]}
    yield f"POST {invoice}/create-from-charge?charge_id={victim.charge}", None
    for act in ("send-now", "retry-send"):
        yield f"PUT {invoice}/{{invoice_id}}/{act}", None
    yield f"PUT {invoice}/retry-method", {"invoiceSetId": victim.charge, "method": "EMAIL"}
