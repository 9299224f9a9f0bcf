"""Reads the examples out of the vendor's pages, as plain text: JSON bodies and curl commands, in their order."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[3] / "shared" / "seeds"

_COMMAND = re.compile(r"""curl (?:-X|--request) (?:\\\n|[^'"\n]|'[^']*'|"[^"]*")*""")
_SHORT = {"--header": "-H", "--data": "-d"}
_HOST = re.compile(r"^(https://[^/]+|<BASE_URL>)")
_REMARK = re.compile(r"\s//[^\n\"]*$", re.MULTILINE)


def read_page(number: str) -> str:
    """The text of a page; skips the test where the pages do not lie beside the repository."""
    found = sorted(PAGES.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the vendor's pages do not lie beside this checkout")
    return found[0].read_text()


def json_blocks(text: str) -> list[Any]:
    """Every JSON object that begins a line, the one in a curl's -d included; remarks behind `//` are left out."""
    plain = _REMARK.sub("", text).replace("-d '{", "\n{")
    decoder, blocks, position = json.JSONDecoder(), [], 0
    while (start := plain.find("\n{", position) + 1) > 0:
        try:
            block, position = decoder.raw_decode(plain, start)
            blocks.append(block)
        except ValueError:
            position = start
    return blocks


def curls(text: str) -> list[dict[str, Any]]:
    """Every curl command: method, path with its query, headers and body. The host is left out."""
    return [_read_command(shlex.split(match[0].replace("\\\n", " "))) for match in _COMMAND.finditer(text)]


def _read_command(words: list[str]) -> dict[str, Any]:
    """`curl -X METHOD URL -H … -d …`, or the same with the options' long names."""
    _, _, method, url, *options = [_SHORT.get(word, word) for word in words if word != "--url"]
    pairs = list(zip(options[::2], options[1::2], strict=True))
    command = {"method": method, "path": _HOST.sub("", url)}
    command["headers"] = dict(value.split(": ", maxsplit=1) for option, value in pairs if option == "-H")
    bodies = [json.loads(value) for option, value in pairs if option == "-d"]
    return command | ({"body": bodies[0]} if bodies else {})


def program(text: str, first: str, last: str) -> str:
    """The lines of an example from the one that begins with `first` to the one that begins with `last`."""
    found = re.search(rf"^{re.escape(first)}.*?^{re.escape(last)}[^\n]*$", text, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no program that begins with {first!r}"
    return found[0]
