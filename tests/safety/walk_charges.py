"""Charges, tips and reports, as another clinic asks for them. `{…}` and `|` as in `walk_billing.py`."""

from collections.abc import Iterator
from typing import Any


def walk_charges(victim: Any, other: Any, mark: str) -> Iterator[tuple[str, Any]]:
    charge = "/billing/charge"
    for query in ("", f"?id={victim.charge}", f"?patient_id={victim.patient}", f"?name={mark}", f"?charge_external_id={mark}",
                  f"?location_id={victim.location}"):  # fmt: skip
        yield f"GET {charge}/table{query}", None
    for query in ("", f"?patient_id={victim.patient}"):
        yield f"GET {charge}/list{query}", None
    yield f"GET {charge}/get/{{id}}", None
    yield f"GET {charge}/timeline?charge_id={victim.charge}", None
    for theirs, ours in ((victim.charge, other.provider), (other.charge, victim.provider)):
        yield "POST /billing/tips/create", {"chargeId": theirs, "providerId": ours, "amount": 5}
    yield "GET /billing/tips/{tip_id}", None
    yield "PUT /billing/tips/{tip_id}", {"providerId": other.provider, "amount": 5}
    yield f"PUT /billing/tips/|{other.tip}", {"providerId": victim.provider, "amount": 5}
    yield "DELETE /billing/tips/{tip_id}", None
    days = f"start_date=2026-01-01&end_date=2026-12-31&timezone=UTC&location_ids={victim.location}"
    yield f"GET /billing/tips/export/detailed?{days}", None
    for end in ("", ".csv"):
        yield f"GET /billing/sales-tax-report/export{end}?{days}", None
    yield f"GET {charge}/patients-by-ids?charge_ids={victim.charge}", None
    for act in ("comment", "details"):
        yield f"POST {charge}/update-{act}/{{id}}", {"comment": "Stolen"}
    yield f"POST {charge}/update-sold-by-provider?item_id={victim.charge}&item_type=CHARGE_ITEM", None
    yield f"DELETE {charge}/{{charge_id}}", None
    taken = {"chargeId": victim.charge, "reason": "Stolen"}
    yield "POST /billing/adjustment/create", taken | {"amount": -1}
    yield "POST /billing/write-off/create", taken
    line = {"itemId": other.item, "quantity": 1, "price": 0}
    sold = {"patientId": other.patient, "totalOutstanding": 0, "items": [line]}
    for stolen in (
        {"patientId": victim.patient},
        {"creatorId": victim.provider},
        {"locationId": victim.location},
        {"items": [line | {"itemId": victim.item}]},
        {"items": [line | {"soldByProviderId": victim.provider}]},
    ):
        yield "POST /billing/payment-terminal/charge/create", sold | stolen
        yield "POST /billing/payment-terminal/mark-no-charge", [sold | stolen]
