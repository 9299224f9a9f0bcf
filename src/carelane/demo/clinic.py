"""The clinic's part of the story: a webhook endpoint is set up, a clinician decides, the order goes to the pharmacy and arrives."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp

from carelane.demo.asking import Send, get, post
from carelane.kit import clock
from carelane.kit.us_zones import day_in
from carelane.surfaces.docs.examples import PLACE_ORDER

SIGN_IN_STEP_COUNT = 1
WATCH_STEP_COUNT = 1
CARE_STEP_COUNT = 7
ARRIVE_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_VALID = timedelta(days=365)
_MEDICINE: dict[str, object] = {
    "medicine": "Semaglutide 0.25 mg",
    "dosage": "0.25 mg",
    "dosingFrequency": "once a week",
    "refillCount": 3,
    "pharmacyInstructions": "Inject under the skin on the same day each week",
}


def watch(send: Send, admin: dict[str, str], url: str) -> str:
    """An administrator sets up a webhook endpoint; returns its secret."""
    endpoint = {"name": "Demo storefront", "url": url, "payload": "EVENT_ONLY", "documentFormat": "URL"}
    made = send(post("Set up a webhook endpoint", "/api/staff/webhook-endpoints", admin, endpoint, 201))
    return str(made.get("secret"))


def sign_in_admin(send: Send, demo: dict[str, Any]) -> dict[str, str]:
    """The headers of the administrator's requests."""
    return _sign_in(send, demo, "admin", "The administrator signs in, with a second factor")


def sign_in_clinician(send: Send, demo: dict[str, Any]) -> dict[str, str]:
    """The headers of the clinician's requests."""
    return _sign_in(send, demo, "staff", "The clinician signs in")


def care(send: Send, demo: dict[str, Any], clinician: dict[str, str], case_id: str) -> str:
    """A clinician approves the case and an order is placed, once however often it is sent. Returns the order's id."""
    send(get("The clinician's queue", "/api/staff/cases?status=OPEN&status=ASSIGNED", clinician))
    approve(send, demo, clinician, case_id, _MEDICINE)
    order = PLACE_ORDER | {"idempotencyKey": f"demo-{case_id}"}
    key = {"cv-api-key": demo["apiKey"]}
    path = f"/api/v1/cases/{case_id}"
    send(post("Would an order pass?", f"{path}?dryRun=true", key, order))
    placed = send(post("Place the order", path, key, order))
    send(post("The same again is refused", path, key, order, 409))
    return order_id_of(placed)


def approve(
    send: Send, demo: dict[str, Any], clinician: dict[str, str], case_id: str, medicine: dict[str, object]
) -> None:
    """In three steps: taken, begun, decided."""
    case = f"/api/staff/cases/{case_id}"
    send(post("Take the case", f"{case}/assign", clinician, {"staffId": demo["staffId"]}))
    send(post("Start on it", f"{case}/start", clinician, {}))
    # A decision begins with the patient's day, which in the evening is not that of Greenwich: here with the latest of theirs.
    today = day_in("CA", clock.now())
    decision = {
        "productId": demo["productId"],
        "outcome": "APPROVED",
        "visitType": "ASYNC_TEXT_EMAIL",
        "startDate": str(today),
        "endDate": str(today + _VALID),
        "medInfo": [medicine],
    }
    send(post("Approve, with what is prescribed", f"{case}/decide", clinician, {"decisions": [decision]}))


def order_id_of(placed: Any) -> str:
    """In what placing an order is answered with."""
    return str(((placed.get("data") or {}).get("order") or {}).get("id"))


def follow(read: Send, demo: dict[str, Any], case_id: str, say: Callable[[str], None]) -> str:
    """Looks at the order until it is delivered, at most ARRIVE_SECONDS; says each status it sees and returns the last."""
    deadline, status = time.monotonic() + ARRIVE_SECONDS, ""
    path = f"/api/v1/customer-case-detail?caseId={case_id}&includeOrders=true&documentFormat=url"
    while status not in {"DELIVERED", "REJECTED", "NEEDS_ATTENTION"} and time.monotonic() < deadline:
        detail = read(get("Where is the order?", path, {"cv-api-key": demo["apiKey"]}))
        orders = (detail.get("caseDetail") or {}).get("orders") or [{}]
        if orders[-1].get("status", "") != status:
            status = str(orders[-1].get("status"))
            say(status)
        time.sleep(_LOOK_SECONDS)
    return status


def _sign_in(send: Send, demo: dict[str, Any], who: str, title: str) -> dict[str, str]:
    credentials = {
        "tenant": demo["tenant"],
        "email": demo[f"{who}Email"],
        "password": demo[f"{who}Password"],
        "totp": pyotp.TOTP(demo[f"{who}TotpSecret"]).now(),
    }
    answer = send(post(title, "/api/staff/sessions", {}, credentials))
    return {"Authorization": f"Bearer {answer.get('token')}"}
