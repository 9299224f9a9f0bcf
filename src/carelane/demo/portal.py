"""The patient's part of the story: a case from a bundle and a promo code, a question that is answered with a one-time code, and an
appointment."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from carelane.demo.asking import Send, get, post
from carelane.demo.texts import await_match
from carelane.kit import clock

STEP_COUNT = 11
PROMO_CODE = "WELCOME10"
_CODE = re.compile(r"\b\d{6}\b")
_PERSON: dict[str, Any] = {
    "firstName": "Nia",
    "lastName": "Brook",
    "email": "nia.brook@patient.example",
    "phoneNumber": "+12125550188",
    "dob": "1992-04-03",
    "gender": "Female",
    "shippingAddress": {
        "addressLine1": "350 5th Avenue",
        "city": "New York",
        "state": "NY",
        "postalCode": "10118",
        "country": "US",
    },
}
_FORM = {
    "formTitle": "Weight loss intake",
    "questions": [
        {"question": "How much do you weigh?", "answer": "171 lbs", "type": "TEXT", "required": True, "phi": True},
        {
            "question": "What have you tried?",
            "answer": ["Diet", "Exercise"],
            "type": "MULTISELECT",
            "options": ["Diet", "Exercise", "Medicine"],
        },
    ],
}


def consult(send: Send, demo: dict[str, Any], clinician: dict[str, str], texts_url: str) -> None:
    """`clinician` holds the headers of a clinician who has signed in."""
    key = {"cv-api-key": demo["apiKey"]}
    query = urlencode({"code": PROMO_CODE, "product_bundle_id": demo["bundleId"]})
    send(get("What does the promo code take off?", f"/api/v1/promo-codes?{query}", key))
    case = _PERSON | _FORM | {"productBundleId": demo["bundleId"], "promoCodes": {"Promo": PROMO_CODE}}
    made = send(post("A case from the bundle, with the code", "/api/v1/dynamic-case", key, case))
    case_id = (made.get("data") or {}).get("caseId")
    staff_case = f"/api/staff/cases/{case_id}"
    send(post("The clinician takes it", f"{staff_case}/assign", clinician, {"staffId": demo["staffId"]}))
    send(post("and asks the patient", f"{staff_case}/ask", clinician, {"text": "Do you take any other medicine?"}))
    _answer(send, key, case_id, texts_url)
    _book(send, key)


def _answer(send: Send, key: dict[str, str], case_id: object, texts_url: str) -> None:
    """The patient signs in with a code that came by text message, reads the question and answers it."""
    who = {"phoneNumber": _PERSON["phoneNumber"]}
    send(post("The patient asks for a code", "/api/v1/users/auth/send-otp", key, who | {"channel": "SMS"}))
    code = {"code": await_match(texts_url, _PERSON["phoneNumber"], _CODE)}
    entered = send(post("signs in with it", "/api/v1/users/auth/verify-otp", key, who | code))
    token = (entered.get("data") or {}).get("accessToken")
    patient = key | {"Authorization": f"Bearer {token}"}
    messages = f"/api/v1/users/me/cases/{case_id}/messages"
    send(get("reads the question", messages, patient))
    send(post("and answers it", messages, patient, {"text": "Only vitamin D, in winter."}))


def _book(send: Send, key: dict[str, str]) -> None:
    begins = clock.now() + timedelta(days=1)
    period = {"start_time": begins.isoformat(), "end_time": (begins + timedelta(days=7)).isoformat()}
    where = "/api/v1/calendar/provider-availability"
    found = send(get("Who may see the patient?", f"{where}?provider_states=NY", key))
    provider = (found.get("data") or [{}])[0].get("eventTypeId", "")
    query = urlencode({"provider_states": "NY", "event_type_id": provider} | period)
    free = send(get("and when?", f"{where}?{query}", key))
    times = (free.get("data") or [{}])[0].get("availableTimes") or [{}]
    visit = {
        "eventTypeId": provider,
        "startTime": times[0].get("startTime"),
        "email": _PERSON["email"],
        "timezone": "America/New_York",
        "location": "zoom_conference",
    }
    send(post("Book the first free time", "/api/v1/calendar/appointments", key, visit))
