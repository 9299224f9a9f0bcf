"""Taking long texts out of a body of JSON before it is read.

A case may bring documents in base64, and msgspec reads a body in one go: a copy of each document, made while nothing else
happens. So the long texts are found first and left where they are; what is read has a name nobody can guess in place of each.
"""

import secrets
from collections.abc import Collection, Iterator

import msgspec

from carelane.kit.errors import BodyTooLargeError
from carelane.kit.phi import Phi
from carelane.web.weight import Body

LONG_BYTES = 8_192
_PIECE_BYTES = 65_536


class LiftedBody(Phi, msgspec.Struct, frozen=True):
    """A body without its long texts, which stand under their names as JSON spells them, without quotes."""

    rest: Body
    texts: dict[str, memoryview]

    def put_back(self, names: Collection[str], most_bytes: int) -> "LiftedBody":
        """The same with some of the texts where they were. Raises BodyTooLargeError."""
        _require(len(self.rest) + sum(len(self.texts[name]) for name in names), most_bytes)
        rest = self.rest
        for name in names:
            rest = rest.replace(name.encode(), bytes(self.texts[name]), 1)
        return LiftedBody(rest, {name: text for name, text in self.texts.items() if name not in names})


def lift_long_texts(body: Body, most_bytes: int) -> LiftedBody:
    """Raises BodyTooLargeError when more than `most_bytes` would be left."""
    if len(body) <= _PIECE_BYTES:
        return LiftedBody(body, {})
    view, parts, texts = memoryview(body), list[bytes | memoryview](), dict[str, memoryview]()
    secret, copied, lifted = secrets.token_hex(16), 0, 0
    for start, end in _long_texts(body):
        _require(start - lifted, most_bytes)
        name = f"{secret}-{len(texts)}"
        parts += view[copied:start], name.encode()
        texts[name] = view[start:end]
        copied, lifted = end, lifted + end - start
    _require(len(body) - lifted, most_bytes)
    return LiftedBody(b"".join([*parts, view[copied:]]), texts)


def _require(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise BodyTooLargeError(f"expected at most {most_bytes} bytes beside documents")


def _long_texts(body: Body) -> Iterator[tuple[int, int]]:
    """Where they begin and end. One that does not end is none: msgspec will say so."""
    start = 0
    while start < len(body):
        window = _window(body, start, LONG_BYTES)
        start += len(window)
        if window.count(b'"') % 2:
            begins = start - len(window) + window.rfind(b'"') + 1
            ends = _find_end(body, start)
            if ends - begins >= LONG_BYTES:
                yield begins, ends
            start = ends + 1


def _find_end(body: Body, start: int) -> int:
    while start < len(body):
        window = _window(body, start, _PIECE_BYTES)
        found = window.find(b'"')
        if found >= 0:
            return start + found
        start += len(window)
    return len(body)


def _window(body: Body, start: int, size: int) -> Body:
    """The next bytes, in which only quotes that begin or end a text are left. Never ends between a backslash and what it
    escapes."""
    window = body[start : start + size]
    if b"\\" not in window:
        return window
    window = window.replace(rb"\\", b"  ").replace(rb"\"", b"  ")
    return window[:-1] if window.endswith(b"\\") and len(window) > 1 else window
