"""Bodies that cost a server more than their size says: made for every route that reads one, and some for single routes."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from carelane.web.weight import MAX_WEIGHT
from tests.cast import Clinic
from tests.contract import Contract
from tests.factories.cases import case_body

MOST = 1_047_000
CASE_MOST = 36_000_000
FORM = "application/x-www-form-urlencoded"


class Sent(NamedTuple):
    name: str
    method: str
    path: str
    headers: dict[str, str]
    make: Callable[[], bytes]


def filled(entry: bytes, size: int = MOST, before: bytes = b"[", after: bytes = b"]") -> bytes:
    """`size` bytes of one list."""
    return before + b",".join([entry] * ((size - len(before) - len(after)) // (len(entry) + 1))) + after


def some(entry: bytes, count: int) -> bytes:
    return b"[" + b",".join([entry] * count) + b"]"


def members(count: int) -> bytes:
    return b"{" + b",".join(b'"a_%d":1' % number for number in range(count)) + b"}"


# What a member of any body may hold: the largest, those just within the limits, and those small enough to be read at once.
VALUES: dict[str, Callable[[], bytes]] = {
    "numbers": lambda: filled(b"1", MOST - 200_000),
    "lists": lambda: filled(b"[]", MOST - 200_000),
    "objects": lambda: filled(b'{"a":1}', MOST - 200_000),
    "names": lambda: members(60_000),
    "NUL in long lists": lambda: filled(b'"\\u0000"', MOST - 200_000),
    "NUL under a long name": lambda: b'{"' + b"k" * 300_000 + b'":' + some(b'"\\u0000"', 40_000) + b"}",
    "deep": lambda: b"[" * 100_000,
    "deep and closed": lambda: b"[" * 900 + b"]" * 900,
    "digits": lambda: b"1" * 800_000,
    "digits of a fraction": lambda: b"1." + b"1" * 800_000,
    "escapes": lambda: b'"' + b"\\u00e9" * 130_000 + b'"',
    "quotes": lambda: b'"' + b'\\"' * 400_000 + b'"',
    "just lists": lambda: some(b"[]", MAX_WEIGHT // 2 - 200),
    "just objects": lambda: some(b'{"a":1}', MAX_WEIGHT // 3 - 200),
    "just names": lambda: members(MAX_WEIGHT // 2 - 200),
    "just exponents": lambda: some(b"1e300", 190),
    "just fractions": lambda: some(b"9007199254740993.0", 16_000),
    "small lists": lambda: some(b"[]", 10_000),
    "small names": lambda: members(2_800),
    "small exponents": lambda: some(b"1.5e-320", 180),
    "small NUL": lambda: some(b'"\\u0000"', 3_500),
}


# All kinds are tried on a route of each way of reading, and on each of the others some: the ways are the same.
_THOROUGH = {"/api/v1/cases", "/api/v1/cases/{case_id}", "/user/patient/create", "/billing/cart"}
_PART = 10


def of_every_route(clinic: Clinic, staff: dict[str, str]) -> Iterator[Sent]:
    """All that the OpenAPI document knows to read JSON: the value under a name that the body has, and one that it has not."""
    document, kinds = Contract().document, list(VALUES.items())
    turn = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            url = path.replace("{case_id}", str(uuid4())) if "{case_id}" in path else _filled_in(path)
            headers = {"content-type": "application/json"} | _credential(operation, clinic, staff)
            for name in (_list_member(document, content["schema"]), "un_known"):
                turn += 1
                for kind, value in kinds if path in _THOROUGH else kinds[turn % _PART :: _PART]:
                    label = f"{method.upper()} {path} {name}: {kind}"
                    yield Sent(label, method.upper(), url, headers, _body(name, value))


def _body(name: str, value: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: b'{"action":"PLACE_ORDER","%b":%b}' % (name.encode(), value())


def _filled_in(path: str) -> str:
    return "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))


def _credential(operation: dict[str, Any], clinic: Clinic, staff: dict[str, str]) -> dict[str, str]:
    schemes = {name for option in operation.get("security") or [] for name in option}
    return (
        staff if "staffToken" in schemes else clinic.billing if "apiKey" in schemes else clinic.key if schemes else {}
    )


def _list_member(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """The name of a list, else of whatever comes first."""
    while "$ref" in schema or "oneOf" in schema:
        schema = (
            schema["oneOf"][0]
            if "oneOf" in schema
            else document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        )
    properties = schema.get("properties", {"none": {}})
    return next((name for name, inner in properties.items() if "array" in json.dumps(inner)), next(iter(properties)))


# ---- single routes


def question(**changes: Any) -> dict[str, Any]:
    return {"question": "Q?", "type": "TEXT", "answer": "a"} | changes


def case(clinic: Clinic, questions: list[dict[str, Any]], **changes: Any) -> bytes:
    body = case_body(clinic.product_id, **changes)
    body["products"][0]["form"]["questions"] = questions
    return json.dumps(body).encode()


def around(clinic: Clinic, value: Callable[[], bytes], **changes: Any) -> bytes:
    """A case with one answer as it is given here, byte for byte."""
    return case(clinic, [question(answer="@", **changes)]).replace(b'"@"', value(), 1)


def of_cases(clinic: Clinic) -> Iterator[Sent]:
    def sent(name: str, make: Callable[[], bytes]) -> Sent:
        return Sent(f"case: {name}", "POST", "/api/v1/cases", {"content-type": "application/json"} | clinic.key, make)

    file = base64.b64encode(b"%PDF-" + bytes(range(256)) * 85_000)
    texts = [f"{number:04}" + "x" * 2_990 for number in range(500)]
    yield sent(
        "one wrong member in 1 MB", lambda: case(clinic, [question(question="x" * 2_000)] * 498 + [question(type="NO")])
    )
    yield sent(
        "wrong member and long lists", lambda: case(clinic, [question(answer=["x"] * 99)] * 400 + [question(type="NO")])
    )
    yield sent("a list far too long", lambda: case(clinic, [question(type="MULTISELECT", answer=["x"] * 40_000)]))
    yield sent(
        "choices of 3 MB", lambda: case(clinic, [question(type="MULTISELECT", answer=texts, options=texts[::-1])])
    )
    yield sent(
        "choice among long options",
        lambda: case(clinic, [question(type="SINGLESELECT", answer="x" * 4_999, options=["x" * 4_999 + "y"] * 500)]),
    )
    blanks = "\u200b" * 680_000
    for kind in ("TEXT", "MULTISELECT", "BOOLEAN", "DATE", "DATERANGE", "WIDGET_BMI", "WIDGET_STATE_PICKER"):
        yield sent(
            f"4 MB of nothing for {kind}",
            lambda kind=kind: case(clinic, [question(type=kind, answer=blanks, required=True)]),
        )
    yield sent(
        "choices as the JSON of lists",
        lambda: case(clinic, [question(type="MULTISELECT", answer="[" + '"",' * 10_800 + '""]', options=["a"])] * 62),
    )
    yield sent(
        "heads of data URLs",
        lambda: case(clinic, [question(answer=["data:a/b" + ";a=b" * 250 + ";base64,QQ=="] * 250)] * 15),
    )
    yield sent("words for files", lambda: case(clinic, [question(type="FILE", answer="word " * 1_600)] * 490))
    yield sent("as many questions as may be", lambda: many_questions(clinic, 1_000))
    yield sent("more questions than may be", lambda: many_questions(clinic, 10_000))
    yield sent("36 MB of numbers", lambda: around(clinic, lambda: filled(b"1", CASE_MOST)))
    yield sent("36 MB of lists", lambda: filled(b"[]", CASE_MOST))
    yield sent("36 MB that do not end", lambda: b"[" * CASE_MOST)
    yield sent("36 MB of spaces", lambda: b" " * CASE_MOST)
    yield sent("36 MB of text", lambda: around(clinic, lambda: b'"' + b"words, " * 5_000_000 + b'"', phi=True))
    yield sent("4 MB of escapes", lambda: around(clinic, lambda: b'"' + b"\\u00e9" * 690_000 + b'"', phi=True))
    yield sent("4 MB of quotes", lambda: around(clinic, lambda: b'"' + b'\\"' * 2_080_000 + b'"'))
    yield sent(
        "30 MB of data URL's head",
        lambda: around(clinic, lambda: b'"data:a/b' + b";a=b" * 7_500_000 + b'"', type="FILE"),
    )
    yield sent(
        "30 MB of a file", lambda: around(clinic, lambda: b'"data:application/pdf;base64,' + file + b'"', type="FILE")
    )
    yield sent(
        "30 MB of a file, escaped",
        lambda: around(clinic, lambda: b'"' + file.replace(b"/", b"\\/") + b'"', type="FILE"),
    )
    yield sent(
        "30 MB of base64 and blanks", lambda: around(clinic, lambda: b'"' + b"A " * 15_000_000 + b'"', type="FILE")
    )
    yield sent("30 MB of base64 with a fault", lambda: around(clinic, lambda: b'"' + file + b'!"', type="FILE"))
    yield sent("500 files", lambda: case(clinic, [question(type="FILE", answer=[file[:66_000].decode()] * 20)] * 25))
    yield sent(
        "many small files", lambda: case(clinic, [question(type="FILE", answer=[file[:8_000].decode()] * 20)] * 25)
    )
    yield sent(
        "an amount of 4 MB",
        lambda: case(clinic, [question()], payment={"amount": "1." + "1" * 4_000_000, "currency": "USD"}),
    )


def many_questions(clinic: Clinic, count: int) -> bytes:
    body = case_body(clinic.product_id)
    questions = [question(question=f"Q{number}", phi=True) for number in range(count // 50)]
    body["products"] = [{"id": clinic.product_id, "form": {"questions": questions}}] * 50
    return json.dumps(body).encode()


def of_others(clinic: Clinic) -> Iterator[Sent]:
    location = "/admin/locations/update-or-create"
    parts = {"content-type": "multipart/form-data; boundary=b"} | clinic.billing
    begin = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
    yield Sent("form: many parts", "POST", location, parts, lambda: begin * 16_000 + b"--b--\r\n")
    yield Sent("form: line ends", "POST", location, parts, lambda: begin + b"\r\n" * 500_000 + b"\r\n--b--\r\n")
    yield Sent("form: half boundaries", "POST", location, parts, lambda: begin + b"\r\n--" * 250_000 + b"\r\n--b--\r\n")
    yield Sent("form: headers", "POST", location, parts, lambda: b"--b\r\n" + b"a: b\r\n" * 170_000)
    yield Sent(
        "form: exponents",
        "POST",
        location,
        parts,
        lambda: begin.replace(b'name="name"', b'name="id"') + filled(b"1e300", MOST - 200) + b"\r\n--b--\r\n",
    )
    names = "&".join(f"a{number}" for number in range(2_000))
    yield Sent("names in a query", "POST", f"/billing/cart?{names}", clinic.billing, lambda: b"{}")
    yield Sent("callback", "POST", f"/pharmacies/{uuid4()}/callbacks", {}, lambda: filled(b"[]"))
    yield Sent("gateway event", "POST", f"/gateways/stripe/{uuid4()}", {}, lambda: filled(b"[]"))
    yield Sent("token", "POST", "/oauth/token", {"content-type": FORM}, lambda: b"a=%41&" * 1_300)
    yield Sent("page", "POST", "/q/none/respond", {"content-type": FORM}, lambda: b"message=" + b"%C3%A9" * 10_000)
