"""The tenant walk's part about cases: whose they are, and what the other clinic's staff may try on them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.safety.walk.victim import MARK, Ask, Victim

CASES = "/api/staff/cases"


def walk_staff_cases(victim: Victim, clinician: dict[str, str]) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's staff may try on the victim's case."""
    seen = {"headers": clinician}
    everywhere = {"isArchived": "false", "limit": "200"}
    for query in ({}, {"assignedTo": str(victim.staff_id)}, {"after": str(victim.case_id)}, {"q": "WLK"}):
        yield f"GET {CASES}", Ask("GET", CASES, seen | {"params": everywhere | query})
    staff_id = str(victim.staff_id)
    decision = {"productId": victim.product_id, "outcome": "REJECTED", "decisionText": "No"}
    bodies: dict[str, Any] = {
        "assign": {"staffId": staff_id, "insteadOf": staff_id},
        "unassign": None,
        "start": None,
        "comment": {"text": "Hello", "isRestricted": False},
        "ask": {"text": "Hello?"},
        "decide": {"decisions": [decision]},
        "escalate": {"text": "Look"},
        "deescalate": None,
        "archive": {"reason": "RESOLVED", "note": "Done"},
        "reopen": None,
    }
    for name, body in bodies.items():
        yield f"POST {CASES}/{{case_id}}/{name}", Ask("POST", f"{CASES}/{victim.case_id}/{name}", seen | {"json": body})
    for end in ("", "/why", "/chart", "/timeline"):
        yield f"GET {CASES}/{{case_id}}{end}", Ask("GET", f"{CASES}/{victim.case_id}{end}", seen)
    file = {"name": "walk.txt", "data": "d2Fsaw==", "mimeType": "text/plain"}
    yield f"POST {CASES}/{{case_id}}/files", Ask("POST", f"{CASES}/{victim.case_id}/files", seen | {"json": file})
    drafts = f"/api/staff/drafts/cases/{victim.case_id}"
    yield "GET /api/staff/drafts/{record_kind}/{record_id}", Ask("GET", drafts, seen)
    one = "/api/staff/drafts/{record_kind}/{record_id}/{form}"
    yield f"PUT {one}", Ask("PUT", f"{drafts}/reply", seen | {"json": {"fields": {"text": ["x"]}}})
    yield f"DELETE {one}", Ask("DELETE", f"{drafts}/reply", seen)


def walk_care_cases(victim: Victim, key: dict[str, Any], secret: str) -> Iterator[tuple[str, Ask]]:
    """What a storefront of the other clinic may try with the victim's ids; `key` are its headers, `secret` is its key."""
    asked = [{"question": "Well?", "answer": "Yes", "type": "TEXT"}]
    person = {"firstName": "W", "lastName": "W", "email": victim.email, "formTitle": f"{MARK} form", "questions": asked}
    case_id = str(victim.case_id)
    for body in ({"productBundleId": victim.bundle_id}, {"caseId": case_id}, {"formId": case_id}):
        sent = person | body
        yield "POST /api/v1/dynamic-case", Ask("POST", "/api/v1/dynamic-case", key | {"json": sent})
        legacy = {"json": sent | {"key": secret}}
        yield "POST /handleDynamicCustomerForm", Ask("POST", "/handleDynamicCustomerForm", legacy)
    form = {"caseId": case_id, "formTitle": "Walk", "questions": asked}
    path = "/api/v1/customer-dynamic-case-form"
    for options in (key | {"json": form}, {"json": form | {"key": secret}}):
        yield f"POST {path}", Ask("POST", path, options)
    author = {"email": victim.email, "firstName": "W", "lastName": "W"}
    acts: list[dict[str, Any]] = [
        {"action": "CHANGE_CASE_STATUS", "status": "CLOSE"},
        {"action": "ADD_COMMUNICATION", "communication": {"text": "Hello", "isRestricted": False, "author": author}},
        {"action": "UPDATE_CASE_PRODUCT", "caseProductInput": {"productId": victim.product_id, "status": "CLOSE"}},
    ]
    for act in acts:
        yield "POST /api/v1/cases/{case_id}", Ask("POST", f"/api/v1/cases/{case_id}", key | {"json": act})
    products = key | {"json": {"products": [{"id": victim.product_id}]}}
    yield "POST /api/v1/cases/{case_id}/products", Ask("POST", f"/api/v1/cases/{case_id}/products", products)
    now = datetime.now(UTC)
    period = {"startTime": (now - timedelta(days=1)).isoformat(), "endTime": (now + timedelta(days=1)).isoformat()}
    for query in (period, period | {"after": case_id}):
        everything = query | {"includeAttachments": "true", "documentFormat": "url", "includeOrders": "true"}
        yield "GET /api/v1/cases", Ask("GET", "/api/v1/cases", key | {"params": everything})
    latest = "/api/v1/customer-latest-case-id"
    yield f"GET {latest}", Ask("GET", latest, key | {"params": {"email": victim.email}})
    for later in ("/api/v1/payments/intent", "/api/v1/payments/setup"):
        yield f"POST {later}", Ask("POST", later, key | {"json": {"caseId": case_id}})
    yield "POST /initiatePayment", Ask("POST", "/initiatePayment", key | {"json": {}})
