"""Prints an API page from a conversation that was really held: each request and each answer as they went over the wire."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import httpx

from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.docs.stable import Stable

_SHOWN_HEADERS = (
    "api-key",
    "tenant",
    "cv-api-key",
    "authorization",
    "idempotency-key",
    "prefer",
    "carelane-signature",
    "content-type",
)
# Of an answer; the others say nothing about what was asked.
_TELLING_HEADERS = ("Idempotent-Replayed",)
WRONG_KEY = {"cv-api-key": "cvk_wrong"}


class ApiPage:
    """Holds the conversation and prints it. `parts` is the page so far."""

    def __init__(self, client: CheckedClient, clinic: Clinic, title: str) -> None:
        self.client = client
        self._stable = Stable()
        self._level = "##"
        # Said once for each operation of the page.
        self._permissions_of: set[str] = set()
        self.parts = [f"# {title}", "This page is printed from requests that a test really sends. Do not edit it."]
        self.hide(clinic.api_key, "YOUR_KEY")
        self.hide(clinic.catalog_only_key, "A_KEY_FOR_THE_CATALOG_ONLY")
        self.hide(clinic.client_secret, "YOUR_CLIENT_SECRET")
        self.hide(str(client.base_url).rstrip("/"), "https://care.example")

    def hide(self, secret: str, name: str) -> None:
        """Prints `name` wherever the secret stands."""
        self._stable.hide(secret, name)

    def say(self, text: str) -> None:
        self.parts.append(text)

    def say_errors(self, text: str = "") -> None:
        """Opens the last section: what is asked from now on is refused."""
        self.parts.append(f"## Errors\n\n{text}")
        self._level = "###"

    async def ask(
        self, heading: str, text: str, method: str, path: str, status: int, *, like: Any = None, **options: Any
    ) -> Any:
        """Sends the request, prints both sides, and returns the answer's JSON. The answer must have the status.

        `like` is the body at the head of the page: of a body that resembles it only the differences are printed.
        """
        response = await self.client.request(method, path, **options)
        # The client is everybody's: nobody's session may stay in it.
        self.client.cookies.clear()
        assert response.status_code == status, f"{heading}: {response.status_code} {response.text}"
        head = [f"{self._level} {heading}", text, self._permissions(response.request)]
        self.parts += [*head, self._request(response.request, like), self._answer(response)]
        return response.json() if response.content else None

    def text(self) -> str:
        return "\n\n".join(part.strip() for part in self.parts if part) + "\n"

    def _permissions(self, request: httpx.Request) -> str:
        """What the operation needs, by the OpenAPI document; once on a page."""
        operation = self.client.contract.operation(request) or {}
        needed = {name for option in operation.get("security") or () for names in option.values() for name in names}
        if not needed or operation["operationId"] in self._permissions_of:
            return ""
        self._permissions_of.add(operation["operationId"])
        return f"Needs {' and '.join(f'`{name}`' for name in sorted(needed))}."

    def _request(self, request: httpx.Request, like: Any) -> str:
        target = unquote_plus(request.url.raw_path.decode())
        lines = [f"{request.method} {target}"]
        lines += [f"{name}: {request.headers[name]}" for name in _SHOWN_HEADERS if name in request.headers]
        body = request.content.decode()
        if body and like is not None:
            changes = list(_changes(like, json.loads(body)))
            lines += ["", f"(the first body of this page{', but with' if changes else ''}", *changes]
            lines[-1] += ")"
        elif body:
            lines += ["", _pretty(json.loads(body)) if "json" in request.headers.get("content-type", "") else body]
        return self._stable.text("```http\n" + "\n".join(lines) + "\n```")

    def _answer(self, response: httpx.Response) -> str:
        told = [f"`{name}: {response.headers[name]}`" for name in _TELLING_HEADERS if name in response.headers]
        head = ", with ".join([f"Answer: **{response.status_code}**", *told])
        body = f"\n\n```json\n{_pretty(response.json())}\n```" if response.content else ""
        return self._stable.text(head + body)


def _changes(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """What is other in a body, one line for each place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before | after:
            inner = f"{place}.{name}".lstrip(".")
            yield from _changes(before.get(name), after[name], inner) if name in after else [f"  {inner} left out"]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(old, new, f"{place}[{index}]")
    elif before != after:
        yield f"  {place}: {json.dumps(after, ensure_ascii=False)}"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
