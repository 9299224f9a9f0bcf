"""The tenant walk's part about the front desk: notes, doubles, how payments come, kept cards, card payments, the table of payments."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

Step = tuple[str, Any]


def walk_counter(victim: Any, other: Any, mark: str) -> Iterator[Step]:
    """Steps as in walk_billing.py; the two are Billed."""
    yield from _walk_notes(victim, other)
    yield from _walk_mediums()
    yield from _walk_cards(victim, other)
    yield from _walk_table(victim, mark)


def _walk_notes(victim: Any, other: Any) -> Iterator[Step]:
    base = "/user/patient"
    for mine, theirs in ((other.patient, victim.provider), (victim.patient, other.provider)):
        yield f"POST {base}/quick-note/create", {"patientId": mine, "note": "Walker", "creatorId": theirs}
    yield f"GET {base}/quick-note/list/{{patient_id}}", None
    yield f"GET {base}/quick-note/{{note_id}}", None
    yield f"PUT {base}/quick-note/update/{{note_id}}", {"note": "Stolen"}
    yield f"DELETE {base}/quick-note/{{note_id}}", None
    yield f"GET {base}/find-duplicates", None
    for kept, merged in ((other.patient, victim.patient), (victim.patient, other.patient)):
        yield f"POST {base}/merge-duplicates", [{"patientId": kept, "duplicateIds": [merged]}]


def _walk_mediums() -> Iterator[Step]:
    mediums = "/admin/payment-mediums"
    for which in ("list", "list-external"):
        yield f"GET {mediums}/{which}", None
    yield f"POST {mediums}/create", {"name": f"Walker {uuid4()}"}
    yield f"PUT {mediums}/update/{{name}}", {"name": "Stolen"}
    yield f"DELETE {mediums}/delete/{{name}}", None


def _walk_cards(victim: Any, other: Any) -> Iterator[Step]:
    methods, terminal = "/user/patient/payment-methods", "/billing/payment-terminal"
    yield f"GET /billing/payment/methods?patient_id={victim.patient}", None
    yield f"POST {methods}/create?patient_id={victim.patient}", {"paymentMethodId": "seti_stolen"}
    for whose in (victim.patient, other.patient):
        yield f"DELETE {methods}/{{payment_method_id}}?patient_id={whose}", None
    yield f"POST {terminal}/create-payment-method-config?patient_id={victim.patient}", None
    yield f"POST {terminal}/payin-config", {"charges": [{"id": victim.charge}], "paymentMedium": "POS"}
    yield f"PATCH {terminal}/payin-config/{{payin_config_id}}/metadata", None
    agreed = {
        "initialAmount": 0,
        "chargeIds": [victim.charge],
        "frequency": "WEEKLY",
        "installments": 1,
        "installmentAmount": 1,
    }
    stolen = {"charges": [], "paymentPlan": agreed, "rainforestPaymentMethodId": victim.charge}
    planned = {"charges": [{"id": victim.charge}], "paymentMedium": "POS", "paymentPlan": agreed | {"initialAmount": 1}}
    yield "POST /billing/payment-plan/payin-config", planned
    yield "POST /billing/payment-plan/create-with-charges", stolen
    yield "DELETE /billing/payment-plan/{charge_id}", None
    yield f"POST {terminal}/charge-card/{{payment_method_id}}", {"payinConfigId": victim.charge}


def _walk_table(victim: Any, mark: str) -> Iterator[Step]:
    asked = {
        "id": victim.payment, "patient_id": victim.patient, "payer": mark, "external_patient_id": mark, "comment": mark,
        "location_id": victim.location, "tags": victim.tag, "creator_id": victim.provider, "creator_name": mark,
    }  # fmt: skip
    for query in ("", *(f"?{name}={value}" for name, value in asked.items())):
        yield f"GET /billing/payment/table{query}", None
