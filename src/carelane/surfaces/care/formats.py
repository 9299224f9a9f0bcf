"""Error bodies of the care dialect, one for each page of the vendor's documentation."""

import msgspec

from carelane.cases.errors import CaseClosedError, CaseKeyUsedError, CaseMoveError, CaseNotFoundError
from carelane.catalog.errors import BundleNotFoundError, ProductNotFoundError
from carelane.kit.errors import (
    CarelaneError,
    InvalidRequestError,
    MissingCredentialError,
    RateLimitedError,
    RuleBrokenError,
    ScopeMissingError,
    WrongCredentialError,
)
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.patients.users.errors import (
    UserAmbiguousError,
    UserExistsError,
    UserNotFoundError,
)
from carelane.payments.confirmations.errors import ConfirmationKeyUsedError
from carelane.portal.sign_in.errors import InvalidAccessTokenError
from carelane.surfaces.care.credentials import KEY_HEADER
from carelane.web.errors import Body, ErrorFormat, problems_member


def _create_body(error: CarelaneError, _status: int, text: str, request_id: str | None) -> Body:
    """Seed 000: `{success, message}`; storefronts show `error`."""
    return {"success": False, "message": text, "error": error.detail or text, **problems_member(error, request_id)}


def _bundle_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 003: `{status, success, message, error}`; an unknown bundle has no message."""
    body: Body = {"status": status, "success": False}
    if not isinstance(error, BundleNotFoundError | ProductNotFoundError):
        body["message"] = text
    return {**body, "error": error.detail or text, **problems_member(error, request_id)}


def _detail_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 002: `{status, success, error}`."""
    shown = error.detail if isinstance(error, InvalidRequestError) and error.detail else text
    return {"status": status, "success": False, "error": shown, **problems_member(error, request_id)}


# A wrong key, another organization's case and a case that does not exist must be indistinguishable.
_SECRETIVE = (WrongCredentialError, ScopeMissingError, CaseDeniedError)


# What the newer actions of a case refuse; the page of orders (seed 001) knows no code.
_OF_A_CASE = (CaseNotFoundError, CaseClosedError, CaseMoveError, RuleBrokenError)


def _order_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Seed 001: `{status, success, message, error}`; a used idempotency key is `{status, success, code, description}`."""
    if isinstance(error, OrderKeyUsedError):
        used = {"data": {"order": {"id": str(error.order_id)}}} if error.order_id else {}
        return {"status": status, "success": False, "code": error.code, "description": text, **used}
    shown = text if isinstance(error, _SECRETIVE) else _first_problem(error) or text
    message = text if status >= 500 else "Invalid request"
    if isinstance(error, _OF_A_CASE) and not error.problems:
        shown = error.detail or error.message
    return {
        "status": status,
        "success": False,
        "message": message,
        "error": shown,
        **({"code": "VALIDATION_ERROR"} if isinstance(error, _OF_A_CASE) else {}),
        **problems_member(error, request_id),
    }


def _first_problem(error: CarelaneError) -> str:
    """As the page prints it: `firstName is required`, without the field's place."""
    if not error.problems:
        return error.detail
    first = error.problems[0]
    leaf = first.field.rpartition(".")[2]
    return first.problem if first.problem.startswith(f"{leaf} is required") else f"{first.field}: {first.problem}"


def _usual_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Pages without a seed: the dialect's usual `{status, success, message, error, code}`."""
    own = {"message": text, "error": error.detail or text, "code": error.code}
    return {"status": status, "success": False, **own, **problems_member(error, request_id)}


def _user_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """As usual, but that what is wrong with a user stands in `message`, as the pages about users print it."""
    told = (UserNotFoundError, UserExistsError, UserAmbiguousError)
    if isinstance(error, told):
        return {"status": status, "success": False, "message": error.detail, "code": error.code} | problems_member(
            error, request_id
        )
    body = _usual_body(error, status, text, request_id)
    return body | {"code": InvalidRequestError.code} if isinstance(error, RuleBrokenError) else body


def _dynamic_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """As usual; a used idempotency key is `{status, success, code, description}`, as in seed 001."""
    if isinstance(error, CaseKeyUsedError):
        return {"status": status, "success": False, "code": error.code, "description": text}
    code = "VALIDATION_ERROR" if type(error) in _REFUSED else error.code
    own = {"message": text, "error": error.detail or error.message, "code": code}
    return {"status": status, "success": False, **own, **problems_member(error, request_id)}


def _confirmation_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """As usual; a used idempotency key is `{status, success, code, description}`, as in seed 001."""
    if isinstance(error, ConfirmationKeyUsedError):
        return {"status": status, "success": False, "code": error.code, "description": text}
    return _usual_body(error, status, text, request_id)


def _latest_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """`{status, success, message, error, code}`, always with the same message and code."""
    shown = error.detail if isinstance(error, InvalidRequestError) and error.detail else text
    if status >= 500:
        return _usual_body(error, status, text, request_id)
    own = {"message": "Invalid case data", "error": shown, "code": "CASE_ERROR"}
    return {"status": status, "success": False, **own, **problems_member(error, request_id)}


def _portal_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Pages of the patient portal: `{status, success, error, code}`."""
    codes = {
        MissingCredentialError: "VALIDATION_ERROR",
        WrongCredentialError: "NOT_FOUND",
        RuleBrokenError: "VALIDATION_ERROR",
    }
    shown = "Validation failed" if isinstance(error, InvalidRequestError) else text
    return {
        "status": status,
        "success": False,
        "error": shown,
        "code": codes.get(type(error), error.code),
        **problems_member(error, request_id),
    }


def _setup_body(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """Of the page of setup intents: `{status, error}` for the key, `{success, message}` when something broke, else as usual."""
    if isinstance(error, MissingCredentialError | WrongCredentialError):
        return {"status": status, "error": text, **problems_member(error, request_id)}
    if status == CarelaneError.status:
        return {"success": False, "message": text, **problems_member(error, request_id)}
    return _usual_body(error, status, text, request_id)


_KEY: list[dict[str, list[str]]] = [{"organizationKey": []}]

CREATE_CASE = ErrorFormat(shape=_create_body, security=[{"bearerToken": []}, *_KEY])
BUNDLES = ErrorFormat(
    shape=_bundle_body,
    statuses={MissingCredentialError: 400, WrongCredentialError: 400},
    texts={
        InvalidRequestError: "Invalid request parameters",
        MissingCredentialError: "Invalid request parameters",
        WrongCredentialError: "Invalid request parameters",
    },
    security=_KEY,
)
CASE_ACTIONS = ErrorFormat(
    shape=_order_body, statuses=dict.fromkeys((MissingCredentialError, *_OF_A_CASE), 400), security=_KEY
)
CASE_PRODUCTS = ErrorFormat(
    shape=_create_body,
    statuses=dict.fromkeys((CaseNotFoundError, CaseClosedError), 400),
    security=[{"bearerToken": []}, *_KEY],
)
_REFUSED: dict[type[CarelaneError], int] = {RuleBrokenError: 400, CaseClosedError: 400, CaseNotFoundError: 400}
_INVALID: dict[type[CarelaneError], str] = dict.fromkeys(
    (RuleBrokenError, CaseClosedError, CaseNotFoundError), "Invalid request"
)
DYNAMIC_CASE = ErrorFormat(shape=_dynamic_body, statuses=_REFUSED, texts=_INVALID, security=_KEY)
DYNAMIC_FORM = ErrorFormat(
    shape=_dynamic_body,
    statuses=_REFUSED | {MissingCredentialError: 400},
    texts=_INVALID | {MissingCredentialError: "Invalid request"},
    security=[*_KEY, {}],
)
CASE_LIST = ErrorFormat(shape=_usual_body, security=_KEY)
LATEST_CASE = ErrorFormat(
    shape=_latest_body,
    statuses=dict.fromkeys((MissingCredentialError, WrongCredentialError, CaseNotFoundError), 400),
    # Literally: the page's own words.
    texts={
        MissingCredentialError: "Secret key not provided!",
        WrongCredentialError: "Organization with [CV-Api-Key-Hash] not found!",
    },
    security=_KEY,
)
CONFIRMATIONS = ErrorFormat(shape=_confirmation_body, security=_KEY)
EVENTS = ErrorFormat(shape=_usual_body, security=_KEY)
PAYMENT_SETUP = ErrorFormat(
    shape=_setup_body,
    texts={MissingCredentialError: "Invalid API key", WrongCredentialError: "Invalid API key"},
    security=_KEY,
)
PORTAL = ErrorFormat(
    shape=_portal_body,
    statuses={
        MissingCredentialError: 400,
        WrongCredentialError: 404,
        RuleBrokenError: 400,
    },
    texts={
        MissingCredentialError: f"{KEY_HEADER} is required",
        WrongCredentialError: "Organization not found",
    },
    security=_KEY,
)
# Each route also needs a patient's access token.
PATIENT_PORTAL = msgspec.structs.replace(
    PORTAL, security=[{"organizationKey": [], "patientToken": []}], errors=(InvalidAccessTokenError,)
)
PROMO_CODES = ErrorFormat(shape=_create_body, security=_KEY)
USERS = ErrorFormat(
    shape=_user_body, statuses={RuleBrokenError: 400}, texts={RuleBrokenError: "Invalid request"}, security=_KEY
)
CALENDAR = ErrorFormat(
    shape=_usual_body,
    statuses={RuleBrokenError: 400},
    texts={RuleBrokenError: "Invalid request", RateLimitedError: "Rate limit exceeded"},
    security=_KEY,
    errors=(RateLimitedError,),
)
CASE_DETAIL = ErrorFormat(
    shape=_detail_body,
    statuses={MissingCredentialError: 400, WrongCredentialError: 403},
    texts={
        MissingCredentialError: f"{KEY_HEADER} is required",
        WrongCredentialError: "Permission denied!",
        ScopeMissingError: "Permission denied!",
    },
    security=_KEY,
)
