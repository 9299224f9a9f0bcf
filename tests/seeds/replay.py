"""Sends a page's curl command as printed, with only host and credential put in: by curl itself, and by httpx."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import msgspec

_CREDENTIALS = ("YOUR_ACCESS_TOKEN", "YOUR_SECRET_KEY_HERE", "YOUR_SECRET_KEY", "your-secret-key", "<api-key>")
CURL_SECONDS = 20


def load(name: str) -> dict[str, Any]:
    """Our own statement of a page's examples."""
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return loaded


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: dict[str, Any]


async def by_curl(base_url: str, command: dict[str, Any], credential: str) -> Answer:
    words = [
        "-sS",
        "-m",
        str(CURL_SECONDS),
        "-w",
        "\n%{http_code}",
        "-X",
        command["method"],
        base_url + command["path"],
    ]
    for name, value in _headers(command, credential).items():
        words += ["-H", f"{name}: {value}"]
    if "body" in command:
        words += ["-d", json.dumps(command["body"])]
    process = await asyncio.create_subprocess_exec("curl", *words, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    body, _, status = printed.decode().rpartition("\n")
    return Answer(int(status), json.loads(body))


async def by_httpx(base_url: str, command: dict[str, Any], credential: str) -> Answer:
    content = json.dumps(command["body"]) if "body" in command else None
    headers = _headers(command, credential)
    async with httpx.AsyncClient(base_url=base_url, timeout=CURL_SECONDS) as client:
        response = await client.request(command["method"], command["path"], content=content, headers=headers)
    return Answer(response.status_code, response.json())


def _headers(command: dict[str, Any], credential: str) -> dict[str, str]:
    headers = dict(command["headers"])
    for name, value in headers.items():
        for placeholder in _CREDENTIALS:
            headers[name] = headers[name].replace(placeholder, credential)
        assert value == headers[name] or credential in headers[name]
    return headers


def begins_with(body: dict[str, Any], printed: dict[str, Any]) -> bool:
    """Whether the printed members come first, with their values (`"..."` stands for any text), and others only after."""
    first = {name: body[name] for name in list(body)[: len(printed)]}
    return list(first) == list(printed) and all(
        isinstance(first[name], str) if value == "..." else first[name] == value for name, value in printed.items()
    )


async def run_program(base_url: str, command: list[str], text: str, credential: str) -> str:
    """What a page's program prints, with only host and credential put in."""
    filled = re.sub(r"https://api\.[\w.-]+", base_url, text).replace(_CREDENTIALS[2], credential)
    assert credential in filled
    assert base_url in filled
    process = await asyncio.create_subprocess_exec(*command, filled, stdout=asyncio.subprocess.PIPE)
    printed, _ = await asyncio.wait_for(process.communicate(), CURL_SECONDS)
    return printed.decode()
