"""The storefront's part of the story: it lists bundles, creates a case and reads it back."""

from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from carelane.demo.asking import Ask, Send, get, post
from carelane.surfaces.docs.examples import ABANDONED_CART, CREATE_CASE, STOREFRONT_QUERY

PATIENT_EMAIL = CREATE_CASE["user"]["email"]
UNKNOWN_PRODUCT_ID = "00000000-0000-4000-8000-000000000000"
STEP_COUNT = 14
_EVERYTHING = (
    "&includeAttachments=true&documentFormat=url&includeCalendarEvents=true&includeOrders=true&includeCaseProducts=true"
)


def tell(send: Send, demo: dict[str, Any]) -> str:
    """The storefront's part in order; `demo` is what `carelane demo-data --json` printed. Returns the case's id."""
    key = {"cv-api-key": demo["apiKey"]}
    _browse(send, key, demo["bundleId"])
    shown = {"query": STOREFRONT_QUERY, "variables": {"linkName": demo["linkName"]}}
    send(post("What everybody may see of the storefront, in GraphQL", "/graphql/", {}, shown))
    token = _sign_in(send, demo)
    case_id = _create_cases(send, token)
    detail = "/api/v1/customer-case-detail"
    read = get("Read the case, with everything it has", f"{detail}?caseId={case_id}{_EVERYTHING}", key)
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
    return case_id


def _browse(send: Send, key: dict[str, str], bundle_id: str) -> None:
    bundles = "/api/v1/organization/bundles"
    for title, path in (
        ("List bundles", bundles),
        ("List visible bundles", f"{bundles}?isVisible=true"),
        ("One bundle", f"{bundles}/{bundle_id}"),
        ("One bundle with both forms", f"{bundles}/{bundle_id}?includeIntakeForm=true&includeFollowupForm=true"),
    ):
        send(get(title, path, key))


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

    def create(title: str, case: dict[str, Any], expected_status: int) -> Any:
        return send(post(title, "/api/v1/cases", token, case, expected_status))

    unknown = CREATE_CASE["products"][0] | {"id": UNKNOWN_PRODUCT_ID}
    create("Create a case", CREATE_CASE, 200)
    create("An abandoned cart", ABANDONED_CART, 200)
    create("A second open case is refused", CREATE_CASE, 409)
    forced = create("The same with forceCreate passes", CREATE_CASE | {"forceCreate": True}, 200)
    create("An unknown product is named", CREATE_CASE | {"products": [unknown]}, 422)
    return str((forced.get("data") or {}).get("caseId"))
