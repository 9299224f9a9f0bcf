"""Our OpenAPI document against the tables: every operation, every member of what it takes and answers."""

import re

import pytest

from carelane.surfaces.billing import is_ours
from tests.billing.enums import ENUMS
from tests.billing.fields import ANSWERS, BODIES, OPERATIONS, QUERIES
from tests.billing.tables import Kind, faults, members, read_kind
from tests.contract import the_contract

DOCUMENT = the_contract().document
BILLING = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if is_ours(path)
}
# Members of bodies that the tables do not know, and what they are.
OURS = {
    "ChargeItemInput": {"packageId"},
    # Where the money goes, and what goes back.
    "RefundCreate": {"destination", "items"},
    "PatientUpdate": {"patientMedications", "onSchedulingBlacklist", "patientSource"},
    "PatientCreate": {
        "patientMedications", "allergies", "familyHistory", "medicalHistory", "prescriptions", "goalWeight",
    },
}  # fmt: skip
# Members that need not be sent where one of ours stands for them.
INSTEAD = {("RefundCreate", "amount"): "items"}


def unnamed(route):
    """The route whatever the names in its path are."""
    return re.sub(r"\{\w+\}", "{}", route)


ROUTES = {unnamed(route): operation for route, operation in BILLING.items()}


def resolved(schema):
    """The alternatives of a schema without null, and whether null is one."""
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        parts = [resolved(option) for option in options]
        return [one for ones, _ in parts for one in ones], any(is_nullable for _, is_nullable in parts)
    kinds = schema.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    is_nullable = "null" in listed or None in schema.get("enum", [0])
    return [schema | {"type": one} for one in listed if one != "null"], is_nullable


def differences(schema, kind: Kind, place, tables):
    """Where the schema is not as the table says. Nothing may be null that never is; the other way round does no harm."""
    options, is_nullable = resolved(schema)
    if is_nullable and not kind.is_nullable and tables is ANSWERS:
        yield f"{place} may be null"
    if kind.name == "number" and len(options) > 1:
        # Decimals may be sent as text too.
        options = [option for option in options if option.get("type") != "string"]
    for option in options:
        if kind.is_list:
            if option.get("type") != "array":
                yield f"{place} is no list"
            elif kind.name != "object":
                inner = kind._replace(is_list=False, is_nullable=False)
                yield from differences(option["items"], inner, f"{place}[]", tables)
        elif kind.name in tables:
            yield from object_differences(option, kind, place, tables)
        else:
            yield from value_differences(option, kind, place)


def value_differences(schema, kind, place):
    if kind.name in ENUMS:
        if "enum" in schema and set(schema["enum"]) - {None} != set(ENUMS[kind.name].split()):
            yield f"{place} has the choices {schema['enum']}"
        return
    wanted = {"date": "string", "date-time": "string"}.get(kind.name, kind.name)
    if schema.get("type") not in {wanted, "integer" if wanted == "number" else wanted}:
        yield f"{place} is {schema.get('type')}, not {kind.name}"
    if kind.name in {"date", "date-time"} and schema.get("format") != kind.name:
        yield f"{place} has the format {schema.get('format')}"


def object_differences(schema, kind, place, tables):
    properties = schema.get("properties", {})
    for name, inner in members(tables[kind.name]).items():
        if name not in properties:
            yield f"{place}.{name} is missing"
            continue
        yield from differences(properties[name], inner, f"{place}.{name}", tables)
        if tables is BODIES:
            is_instead = (kind.name, name) in INSTEAD and name not in schema.get("required", [])
            sent = inner._replace(is_required=False) if is_instead else inner
            yield from sending_differences(schema, name, sent, f"{place}.{name}")
    more = set(properties) - set(members(tables[kind.name])) - OURS.get(kind.name, set())
    if more and not kind.is_open:
        yield f"{place} has {sorted(more)} too"


def sending_differences(schema, name, kind, place):
    if (name in schema.get("required", [])) != kind.is_required:
        yield f"{place} is {'not ' if kind.is_required else ''}required"
    sent = schema["properties"][name]
    default = sent.get("default")
    # Where null may be sent as well, it stands for the default; of lists the document tells none.
    if kind.default is None or (default is None and (resolved(sent)[1] or kind.default == "[]")):
        return
    if str(default).lower() not in {kind.default.lower(), f"{kind.default}.0"}:
        yield f"{place} has the default {default}"


@pytest.mark.parametrize("route", OPERATIONS)
def test_the_operation_is_there(route):
    assert unnamed(route) in ROUTES


def test_there_is_no_operation_without_a_table():
    """But for files, which have no members."""
    known = {unnamed(route) for route in OPERATIONS}
    known |= {route for route, told in ROUTES.items() if "application/json" not in told["responses"]["200"]["content"]}
    assert [route for route in BILLING if unnamed(route) not in known] == []


@pytest.mark.parametrize("route", [route for route in OPERATIONS if unnamed(route) in ROUTES])
def test_what_it_answers_is_as_in_the_tables(route):
    schema = ROUTES[unnamed(route)]["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(differences(schema, read_kind(OPERATIONS[route][1]), "answer", ANSWERS)) == []


@pytest.mark.parametrize(
    "route", [route for route, (body, _) in OPERATIONS.items() if body and unnamed(route) in ROUTES]
)
def test_what_it_takes_is_as_in_the_tables(route):
    schema = ROUTES[unnamed(route)]["requestBody"]["content"]["application/json"]["schema"]
    assert list(differences(schema, read_kind(OPERATIONS[route][0]), "body", BODIES)) == []


@pytest.mark.parametrize("route", BILLING)
def test_what_it_reads_of_the_query_is_as_in_the_tables(route):
    sent = {one["name"]: one for one in BILLING[route].get("parameters", []) if one["in"] == "query"}
    words = QUERIES.get(route.removesuffix(".csv"), "").split()
    named = dict(word.rstrip("!").partition("=")[::2] for word in words)
    assert set(sent) == set(named)
    assert {name for name, one in sent.items() if one["required"]} == {word[:-1] for word in words if word[-1] == "!"}
    for name, default in named.items():
        assert not default or str(sent[name]["schema"].get("default")).lower() == default.lower()


@pytest.mark.parametrize("route", BILLING)
def test_every_post_honours_an_idempotency_key(route):
    """And whatever else moves money or sends a message."""
    names = {parameter["name"] for parameter in BILLING[route].get("parameters", [])}
    moves_money = route.startswith("POST ") or (
        any(part in route for part in ("/credit", "/payment/", "/payment-plan/", "-send", "send-"))
        and not route.startswith("GET ")
    )
    assert ("Idempotency-Key" in names) == moves_money


@pytest.mark.parametrize("route", BILLING)
def test_every_answer_tells_the_limit(route):
    for answer in BILLING[route]["responses"].values():
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(answer["headers"])
    assert "Retry-After" in BILLING[route]["responses"]["429"]["headers"]


@pytest.mark.parametrize("route", BILLING)
def test_the_errors_of_everybody_are_listed(route):
    assert {"200", "401", "403", "422", "429", "500", "503"} <= set(BILLING[route]["responses"])


def test_the_checker_notices_what_is_wrong():
    """A checker that let everything pass would prove nothing."""
    good = {"id": "a", "firstName": "A", "lastName": None, "email": None, "createdDate": "2026-01-01T00:00:00Z"}
    assert list(faults(good, read_kind("ProviderTiny"), "x")) == []
    spoilt = [
        {name: value for name, value in good.items() if name != "email"},
        good | {"id": None},
        good | {"id": 5},
        good | {"createdDate": "2026-01-01T00:00:00"},
        good | {"createdDate": "2026-01-01T00:00:00+02:00"},
        good | {"more": 1},
        [],
        None,
    ]
    for value in spoilt:
        assert len(list(faults(value, read_kind("ProviderTiny"), "x"))) == 1, value
