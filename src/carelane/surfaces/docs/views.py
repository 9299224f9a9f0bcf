"""What the page shows of the document: its operations, those that match a search, and a call of each in three languages."""

import json
import re
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

Operation = dict[str, Any]

# Whoever calls sets these in the environment, so that no example holds a secret or names a host.
URL_VARIABLE = "CARELANE_URL"
_VARIABLES = {
    "organizationKey": {"cv-api-key": "CARELANE_KEY"},
    "apiKey": {"API-KEY": "CARELANE_KEY"},
    "tenant": {"TENANT": "CARELANE_TENANT"},
    "staffToken": {"Authorization": "CARELANE_TOKEN"},
    "bearerToken": {"Authorization": "CARELANE_TOKEN"},
    "patientToken": {"Authorization": "CARELANE_PATIENT_TOKEN"},
}


def operations_of(document: dict[str, Any]) -> list[Operation]:
    return [
        {"method": method.upper(), "path": path, "tag": operation.get("tags", ["Other"])[0], **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def matching(operations: list[Operation], searched: str) -> list[Operation]:
    """Those that have every word of `searched` in path, summary, description, tag or parameters; all of them for none."""
    words = searched.casefold().split()
    return [operation for operation in operations if all(word in _text_of(operation) for word in words)]


def _text_of(operation: Operation) -> str:
    names = ("method", "path", "tag", "summary", "description", "operationId")
    parameters = " ".join(parameter["name"] for parameter in operation.get("parameters", ()))
    return " ".join([*(str(operation.get(name, "")) for name in names), parameters]).casefold()


def calls_of(operation: Operation) -> dict[str, str]:
    """The operation called with curl, Python (httpx) and JavaScript (fetch), by the name of the language."""
    target, headers, body = _target(operation), _headers(operation), _first_body(operation)
    return {
        "curl": _curl(operation["method"], target, headers, body),
        "Python": _python(operation["method"], target, headers, body),
        "JavaScript": _javascript(operation["method"], target, headers, body),
    }


def credentials_of(operation: Operation) -> str:
    """`API-KEY and TENANT`; `Authorization or cv-api-key`."""
    options = operation.get("security") or ()
    return " or ".join(" and ".join(header for scheme in option for header in _VARIABLES[scheme]) for option in options)


def _target(operation: Operation) -> str:
    """The path, with what must be in the query; names stand for values: `/cases/CASE_ID?code=CODE`."""
    query = {
        parameter["name"]: _placeholder(parameter["name"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter.get("required")
    }
    path = re.sub(r"\{([^}:]+)[^}]*\}", lambda found: _placeholder(found[1]), operation["path"])
    return f"{path}?{urlencode(query)}" if query else path


def _placeholder(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).upper()


def _headers(operation: Operation) -> dict[str, str]:
    """Header → variable. Where a token is accepted as well, the key is shown: a storefront has one from the start."""
    schemes = max(operation.get("security") or [{}], key=lambda option: "organizationKey" in option)
    return {header: variable for scheme in schemes for header, variable in _VARIABLES[scheme].items()}


def _first_body(operation: Operation) -> tuple[str, Any] | None:
    """Media type and value of the first example."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        values = [example["value"] for example in content.get("examples", {}).values()]
        for value in values or content["schema"].get("examples", ()):
            return media_type, value
    return None


def _credential(header: str, variable: str) -> str:
    return f"Bearer {variable}" if header == "Authorization" else variable


def _curl(method: str, target: str, headers: dict[str, str], body: tuple[str, Any] | None) -> str:
    lines = [f'curl -X {method} "${URL_VARIABLE}{target}"']
    lines += [f'-H "{header}: {_credential(header, f"${variable}")}"' for header, variable in headers.items()]
    if body:
        text = urlencode(body[1]) if _is_form(body) else pretty(body[1])
        quoted = text.replace("'", "'\\''")
        lines += [f"-H 'Content-Type: {body[0]}'", f"-d '{quoted}'"]
    return " \\\n  ".join(lines)


def _python(method: str, target: str, headers: dict[str, str], body: tuple[str, Any] | None) -> str:
    lines = ["import os", "import httpx", "", "response = httpx.request(", f'    "{method}",']
    lines.append(f'    os.environ["{URL_VARIABLE}"] + "{target}",')
    if headers:
        lines.append("    headers={")
        lines += [f'        "{header}": {_from_environ(header, variable)},' for header, variable in headers.items()]
        lines.append("    },")
    if body:
        lines.append(f"    {'data' if _is_form(body) else 'json'}={body[1]!r},")
    return "\n".join([*lines, ")", "print(response.status_code, response.text)"])


def _from_environ(header: str, variable: str) -> str:
    value = f'os.environ["{variable}"]'
    return f'"Bearer " + {value}' if header == "Authorization" else value


def _javascript(method: str, target: str, headers: dict[str, str], body: tuple[str, Any] | None) -> str:
    sent = {header: f"`{_credential(header, f'${{process.env.{variable}}}')}`" for header, variable in headers.items()}
    if body:
        sent["Content-Type"] = json.dumps(body[0])
    lines = [f"const response = await fetch(`${{process.env.{URL_VARIABLE}}}{target}`, {{", f'  method: "{method}",']
    if sent:
        lines.append("  headers: {")
        lines += [f'    "{header}": {value},' for header, value in sent.items()]
        lines.append("  },")
    if body and _is_form(body):
        lines.append(f"  body: new URLSearchParams({json.dumps(body[1])}),")
    elif body:
        lines.append("  body: JSON.stringify(" + pretty(body[1]).replace("\n", "\n  ") + "),")
    return "\n".join([*lines, "});", "console.log(response.status, await response.text());"])


def _is_form(body: tuple[str, Any]) -> bool:
    return body[0] == "application/x-www-form-urlencoded"


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def type_name(schema: dict[str, Any]) -> Markup:
    """A schema in a few words, each named one a link: `string (uuid)`, `array of QuestionIn`, `string or null`."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return Markup(" or ").join(dict.fromkeys(type_name(choice) for choice in choices))
    if "enum" in schema:
        return Markup(" | ").join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return Markup("array of {}").format(type_name(schema.get("items", {})))
    name = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return Markup("{} ({})").format(name, schema["format"]) if "format" in schema else escape(name)
