"""Prints an API page from a conversation that was really held: each request and each answer as they went over the wire.

What differs from run to run (ids, moments, tokens) is replaced by something stable, so that a page changes only when the
program's behaviour does.
"""

import json
import re
from typing import Any
from urllib.parse import unquote_plus

import httpx

from carelane.organizations.demo import DEMO_FILE
from tests.cast import Clinic
from tests.contract import CheckedClient

_RANDOM_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
_MOMENT = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_SHORT_ID = re.compile(r"\bHAR-[A-Z]{6}\b")
_BEARER = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")
_LINK = re.compile(r"/documents/[\w-]{40,}")
_SHOWN_HEADERS = ("cv-api-key", "authorization", "content-type")


class ApiPage:
    """Holds the conversation and prints it. `parts` is the page so far."""

    def __init__(self, client: CheckedClient, clinic: Clinic, title: str) -> None:
        self._client = client
        self._clinic = clinic
        self._known_ids: dict[str, str] = {}
        self._level = "##"
        self.parts = [f"# {title}", "This page is printed from requests that a test really sends. Do not edit it."]

    def say(self, text: str) -> None:
        self.parts.append(text)

    def say_errors(self, text: str = "") -> None:
        """Opens the last section: what is asked from now on is refused."""
        self.parts.append(f"## Errors\n\n{text}")
        self._level = "###"

    async def ask(self, heading: str, text: str, method: str, path: str, status: int, **options: Any) -> Any:
        """Sends the request, prints both sides, and returns the answer's JSON. The answer must have the status."""
        response = await self._client.request(method, path, **options)
        assert response.status_code == status, f"{heading}: {response.status_code} {response.text}"
        answer = response.json()
        self.parts += [
            f"{self._level} {heading}",
            text,
            self._request(response.request),
            self._answer(response, answer),
        ]
        return answer

    def text(self) -> str:
        return "\n\n".join(part.strip() for part in self.parts if part) + "\n"

    def _request(self, request: httpx.Request) -> str:
        target = unquote_plus(request.url.raw_path.decode())
        lines = [f"{request.method} {target}"]
        lines += [f"{name}: {request.headers[name]}" for name in _SHOWN_HEADERS if name in request.headers]
        body = request.content.decode()
        if body:
            lines += ["", _pretty(json.loads(body)) if "json" in request.headers["content-type"] else body]
        return self._stable("```http\n" + "\n".join(lines) + "\n```")

    def _answer(self, response: httpx.Response, answer: Any) -> str:
        return self._stable(f"Answer: **{response.status_code}**\n\n```json\n{_pretty(answer)}\n```")

    def _stable(self, text: str) -> str:
        clinic = self._clinic
        secrets = {clinic.api_key: "YOUR_KEY", clinic.catalog_only_key: "A_KEY_FOR_THE_CATALOG_ONLY"}
        secrets |= {
            clinic.client_secret: "YOUR_CLIENT_SECRET",
            str(self._client.base_url).rstrip("/"): "https://care.example",
        }
        for secret, name in secrets.items():
            text = text.replace(secret, name)
        text = _LINK.sub("/documents/TOKEN_OF_THE_LINK", _BEARER.sub("YOUR_ACCESS_TOKEN", text))
        text = _SHORT_ID.sub("HAR-TOSXMB", _MOMENT.sub("2026-03-02T09:30:00Z", text))
        return _RANDOM_ID.sub(self._stable_id, text)

    def _stable_id(self, match: re.Match[str]) -> str:
        """The ids of the demo data stay; the others are numbered in the order in which they appear."""
        found = match[0]
        if found in _GIVEN_IDS:
            return found
        return self._known_ids.setdefault(found, f"01900000-0000-7000-8000-{len(self._known_ids) + 1:012}")


UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
# The demo data's file gives these ids, and the pages send the unknown one on purpose.
_GIVEN_IDS = {UNKNOWN_ID, *_RANDOM_ID.findall(DEMO_FILE.read_text())}


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
