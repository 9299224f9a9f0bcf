"""The requests that `carelane demo` tells its story with: a storefront lists bundles, creates a case and reads it back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from carelane.apidocs.examples import ABANDONED_CART, CREATE_CASE

PATIENT_EMAIL = CREATE_CASE["user"]["email"]
UNKNOWN_PRODUCT_ID = "00000000-0000-4000-8000-000000000000"
STEP_COUNT = 13
_EVERYTHING = (
    "&includeAttachments=true&documentFormat=url&includeCalendarEvents=true&includeOrders=true&includeCaseProducts=true"
)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and the status it should be answered with."""

    title: str
    method: str
    path: str
    expected_status: int
    headers: dict[str, str] = {}
    body: str | None = None


# Sends a request and returns the answer's JSON.
Send = Callable[[Ask], Any]


def tell(send: Send, demo: dict[str, Any]) -> None:
    """The story in order; `demo` is what `carelane demo-data --json` printed."""
    key = {"cv-api-key": demo["apiKey"]}
    _browse(send, key, demo["bundleId"])
    token = _sign_in(send, demo)
    case_id = _create_cases(send, token)
    detail = "/api/v1/customer-case-detail"
    read = Ask(
        title="Read the case, with everything it has",
        method="GET",
        path=f"{detail}?caseId={case_id}{_EVERYTHING}",
        expected_status=200,
        headers=key,
    )
    send(read)
    by_email = msgspec.structs.replace(
        read, title="Read the patient's latest case", path=f"{detail}?email={quote(PATIENT_EMAIL)}"
    )
    send(by_email)
    other = {"cv-api-key": demo["other"]["apiKey"]}
    send(
        msgspec.structs.replace(
            read, title="Another organization asks for the case", headers=other, expected_status=404
        )
    )


def _browse(send: Send, key: dict[str, str], bundle_id: str) -> None:
    bundles = "/api/v1/organization/bundles"
    for title, path in (
        ("List bundles", bundles),
        ("List visible bundles", f"{bundles}?isVisible=true"),
        ("One bundle", f"{bundles}/{bundle_id}"),
        ("One bundle with both forms", f"{bundles}/{bundle_id}?includeIntakeForm=true&includeFollowupForm=true"),
    ):
        send(Ask(title=title, method="GET", path=path, expected_status=200, headers=key))


def _sign_in(send: Send, demo: dict[str, Any]) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": demo["clientId"],
        "client_secret": demo["clientSecret"],
    }
    answer = send(
        Ask(
            title="Get a bearer token",
            method="POST",
            path="/oauth/token",
            expected_status=200,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
        )
    )
    return {"Authorization": f"Bearer {answer.get('access_token')}"}


def _create_cases(send: Send, token: dict[str, str]) -> str:
    """Returns the id of the case that stands in the end."""
    headers = token | {"Content-Type": "application/json"}

    def create(title: str, case: dict[str, Any], expected_status: int) -> Any:
        body = msgspec.json.encode(case).decode()
        return send(
            Ask(
                title=title,
                method="POST",
                path="/api/v1/cases",
                expected_status=expected_status,
                headers=headers,
                body=body,
            )
        )

    unknown = CREATE_CASE["products"][0] | {"id": UNKNOWN_PRODUCT_ID}
    create("Create a case", CREATE_CASE, 200)
    create("An abandoned cart", ABANDONED_CART, 200)
    create("A second open case is refused", CREATE_CASE, 409)
    forced = create("The same with forceCreate passes", CREATE_CASE | {"forceCreate": True}, 200)
    create("An unknown product is named", CREATE_CASE | {"products": [unknown]}, 422)
    return str((forced.get("data") or {}).get("caseId"))
