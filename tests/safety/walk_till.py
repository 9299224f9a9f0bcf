"""The tenant walk's part about payments at the desk and patients' credit. `{…}` and `|` as in `walk_billing.py`."""

from collections.abc import Iterator
from typing import Any


def walk_till(victim: Any, other: Any, _: str) -> Iterator[tuple[str, Any]]:
    credit, payment = "/user/patient/{patient_id}/credit", "/billing/payment"
    for path in (credit, f"{credit}?include_expired=true", f"{credit}/available"):
        yield f"GET {path}", None
    yield f"POST {credit}", {"amount": 1}
    own = f"/user/patient/|{other.patient}/credit"
    yield f"POST {own}", {"amount": 1, "patientId": victim.patient}
    yield f"POST {own}", {"amount": 1, "creatorId": victim.provider}
    for path in (credit, own):
        yield f"PATCH {path}/{{credit_id}}", {"amount": 1}
        yield f"DELETE {path}/{{credit_id}}", None
    row = {
        "id": victim.charge,
        "total": 1,
        "totalOutstanding": 1,
        "status": "OUTSTANDING",
        "createdDate": "2026-01-01T00:00:00Z",
    }
    for whose in (victim, other):
        for tail in ("cash/create", "patient-credit/create"):
            yield f"POST {payment}/{tail}", row | {"patient": {"id": whose.patient}}
            yield f"POST {payment}/{tail}", row | {"id": other.charge, "patient": {"id": victim.patient}}
    back = {"paymentId": victim.payment, "providerId": other.provider, "amount": 1, "reason": "OTHER"}
    for stolen in ({}, {"paymentId": other.payment, "providerId": victim.provider},
                   {"paymentId": other.payment, "locationId": victim.location}):  # fmt: skip
        yield f"POST {payment}/refund", back | stolen
    yield f"DELETE {payment}/{{payment_id}}", None
    for tail, name, theirs, ours in (
        ("move", "newPatientId", victim.patient, other.patient),
        ("move-to-location", "newLocationId", victim.location, other.location),
    ):
        yield f"POST {payment}/{tail}", {"paymentId": victim.payment, name: ours}
        yield f"POST {payment}/{tail}", {"paymentId": other.payment, name: theirs}
    yield f"POST {payment}/update-medium", {"paymentId": victim.payment, "newPaymentMedium": "CHECK"}
    sold = [{"patientId": other.patient, "totalOutstanding": 1, "items": [{"name": "Row", "quantity": 1, "price": 1}]}]
    stolen_sale = [sold[0] | {"patientId": victim.patient}]
    terminal = "/billing/payment-terminal/charge/create"
    yield f"POST {terminal}-cash-settled?payment_medium=CASH&amount=1", stolen_sale
    over = f"payment_medium=CASH&amount=2&credit_overpayment_amount=1&patient_id={victim.patient}"
    yield f"POST {terminal}-cash-settled?{over}", sold
    yield f"POST {terminal}-patient-credit-settled?amount=1", stolen_sale
    yield f"POST {terminal}-patient-credit-settled?amount=1&credit_ids={victim.credit}", sold
