"""What is asked: every GET of the OpenAPI document, bare, with each of its filters, and in each of its orders.

A new route or parameter is asked by itself. Its values are the document's (an enum, a boolean), or stand in `VALUES` by its name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

# What no list is: the page behind a link from elsewhere, files, what watches the process, what sends rather than shows.
LEFT_OUT = frozenset({
    "/health/live", "/health/ready", "/metrics", "/documents/{token}", "/location-photos/{token}", "/logos/{digest}",
    "/webhook/decoda/events/{webhook_delivery_attempt_id}/send",
})  # fmt: skip
# They say how the answer looks, or say what they say only with another.
_NO_FILTERS = frozenset({
    "documentFormat", "tz", "update_viewed_date", "notify_failure", "sort_direction", "sortOrder", "sorOrder", "sortBy",
    "include_decoda", "part", "startTime", "endTime", "start_time", "end_time", "email",
    "timezone",
})  # fmt: skip
# Some answer nothing without these.
_NEEDED: dict[str, dict[str, str]] = {
    "/api/v1/cases": {"startTime": "{began}", "endTime": "{until}"},
    "/api/v1/customer-case-detail": {"caseId": "{caseId}"},
    "/api/v1/customer-latest-case-id": {"email": "{email}"},
    "/api/v1/check-user": {"email": "{email}"},
    "/api/v1/users": {"email": "{email}"},
    "/api/staff/search": {"q": "{name}"},
    "/api/staff/catalog/forms/{form_id}/compared": {"before": "{now}", "now": "{now}"},
    "/billing/charge/timeline": {"charge_id": "{charge_id}"},
    "/billing/sales-tax-report/export": {
        "start_date": "{start_date}",
        "end_date": "{end_date}",
        "timezone": "{timezone}",
    },
    "/billing/sales-tax-report/export.csv": {
        "start_date": "{start_date}",
        "end_date": "{end_date}",
        "timezone": "{timezone}",
    },
    "/billing/tips/export/detailed": {
        "start_date": "{start_date}",
        "end_date": "{end_date}",
        "timezone": "{timezone}",
    },
    "/api/staff/reports/rows": {"measure": "{measure}"},
    "/api/v1/users/me/carried-answers": {"formId": "{form_id}"},
    "/user/patient/list": {"patient_ids": "{patient_id}"},
}
Known = Mapping[str, list[str]]
# Of the console: what needs no session, and a file.
_NO_LISTS = frozenset({
    "/console/sign-in", "/console/set-up", "/console/forgot", "/console/invitation/{invitation_token}", "/console/reset/{reset_token}",
    "/console/demo/{demo_token}", "/console/cases/{case_id}/files/{file_id}", "/console/assets/{version}/{name}",
})  # fmt: skip
_PAGE_QUERIES: dict[str, tuple[str, ...]] = {
    "/console/queue": (
        "q={q}", "state={state}", "assignedTo={assignedTo}", "product={product}", "isEscalated=true", "isArchived=true", "awaitingPatient=true",
        "fitsMyLicense=true", "status=APPROVED",
    ),
    "/console/orders": ("state=ATTENTION", "state=DELIVERED", "pharmacy={pharmacyId}", "tests=true"),
    "/console/patients": ("after={patient_id}",),
    "/console/search": ("q={search_term}",),
    "/console/audit": ("actor={actor}", "record={record}", "act={act}"),
    "/console/reports": ("by=product", "by=person", "by=state"),
    "/console/reports/rows": ("measure={measure}",),
    "/console/templates": ("kind=REPLY",),
    **{f"/console/catalog/{kind}": ("q={city}", "state=archived", "state=all") for kind in (
        "products", "bundles", "forms", "promo-codes", "taxes", "locations", "drugs",
    )},
    "/console/patients/{patient_id}/merge": ("q={search_term}",),
}  # fmt: skip


class Ask(msgspec.Struct, frozen=True):
    """`name`: what is asked for, with the filter by its name; the same at every size."""

    name: str
    path: str
    # Of the security schemes one: organizationKey, apiKey, staffToken, patientToken, console; none needs nothing.
    door: str | None


class UnknownValueError(LookupError):
    """A parameter that nobody has given a value yet; the message says where to add it."""


def asks(document: dict[str, Any], known: Known) -> Iterator[Ask]:
    for path, operations in sorted(document["paths"].items()):
        if "get" not in operations or path in LEFT_OUT:
            continue
        operation = operations["get"]
        parameters = [given for given in operation.get("parameters", []) if given["in"] in {"path", "query"}]
        door = next((name for scheme in operation.get("security", []) for name in scheme if name != "tenant"), None)
        if door == "organizationKey" and "/users/me" in path:
            door = "patientToken"
        for place in _paths(path, [given for given in parameters if given["in"] == "path"], known):
            queries = [given for given in parameters if given["in"] == "query"]
            needed = {name: _filled(text, known) for name, text in _NEEDED.get(path, {}).items()}
            for name, query in _queries(path, queries, known):
                yield Ask(f"{path}{name}", place + _query(needed, query), door)


def page_asks(routes: Iterable[str], known: Known) -> Iterator[Ask]:
    """The pages of the console, by the paths of their GETs: bare, and filtered as their links do it."""
    for path in sorted(routes):
        if path in _NO_LISTS:
            continue
        names = re.findall(r"{(\w+)}", path)
        if missing := [name for name in names if not known.get(name)]:
            raise UnknownValueError(f"{missing[0]}: {path} asks for it, and bench/growth/values.py has no value")
        place = path.format(**{name: known[name][0] for name in names})
        yield Ask(path, place, "console")
        for query in _PAGE_QUERIES.get(path, ()):
            name, _, word = query.partition("=")
            for number, value in enumerate(known[word.strip("{}")] if word.startswith("{") else [word], start=1):
                yield Ask(f"{path} {name}=<{number}>", f"{place}?{name}={quote(value, safe='')}", "console")


def _paths(path: str, parameters: list[dict[str, Any]], known: Known) -> Iterator[str]:
    values = {given["name"]: _values(path, given, known)[0] for given in parameters}
    yield path.format(**{name: quote(value, safe="") for name, value in values.items()})


def _queries(path: str, parameters: list[dict[str, Any]], known: Known) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield "", []
    names = {given["name"] for given in parameters}
    directions = next((n for n in ("sort_direction", "sortOrder") if n in names), None)
    for given in parameters:
        name = given["name"]
        if name == "sort_by":
            for value in _values(path, given, known):
                for way in ("asc", "desc") if directions else ("",):
                    yield f" {name}={value} {way}", [(name, value), *([(directions, way)] if directions else [])]
        elif name not in _NO_FILTERS:
            for number, value in enumerate(_values(path, given, known), start=1):
                shown = value if _choices(given["schema"]) else f"<{number}>"
                yield f" {name}={shown}", [(name, one) for one in value.split("|")]


def _query(needed: dict[str, str], query: list[tuple[str, str]]) -> str:
    named = {name for name, _ in query}
    pairs = [*((name, value) for name, value in needed.items() if name not in named), *query]
    return "?" + "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs) if pairs else ""


def _filled(text: str, known: Known) -> str:
    return known[text.strip("{}")][0]


def _choices(schema: dict[str, Any]) -> list[str]:
    for one in [schema, *schema.get("oneOf", [])]:
        if "enum" in one:
            return [value for value in one["enum"] if value is not None]
        if one.get("type") == "boolean":
            return ["true", "false"]
        if "items" in one and "enum" in one["items"]:
            return list(one["items"]["enum"])
    return []


def _values(path: str, given: dict[str, Any], known: Known) -> list[str]:
    name = given["name"]
    found = known.get(f"{path} {name}") or known.get(name) or _choices(given["schema"])
    if not found:
        raise UnknownValueError(f"{name}: bench/growth/asking.py asks for it, and bench/growth/values.py has no value")
    return found
