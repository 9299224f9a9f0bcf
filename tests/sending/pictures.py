"""What a printed page looks like: where there is ink, and which glyphs were drawn."""

import struct
import zlib
from io import BytesIO

import msgspec
from pypdf import PdfReader

from carelane.kit.typesetting import kept_compiler
from carelane.orders.sending import views
from carelane.pharmacies.schemas import Prescription

_PPI = 30
_WHITE = 250


class Picture(msgspec.Struct, frozen=True):
    """Rows of RGBA pixels, from the top."""

    width: int
    rows: list[bytes]

    def is_blank(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether there is no ink in a part of the page, given as fractions of its width and height."""
        first, last = round(left * self.width) * 4, round(right * self.width) * 4
        rows = self.rows[round(top * len(self.rows)) : round(bottom * len(self.rows))]
        return all(min(row[first:last]) >= _WHITE for row in rows)


def pictures(prescription: Prescription) -> list[Picture]:
    """The pages as they look, from the same compiler that makes the PDF."""
    inputs = {"rx": msgspec.json.encode(views._printed(prescription)).decode()}
    made = kept_compiler(views._TEMPLATE).compile(format="png", sys_inputs=inputs, ppi=_PPI)
    return [_read_png(page) for page in (made if isinstance(made, list) else [made])]


def _read_png(content: bytes) -> Picture:
    """Eight bits for each of red, green, blue and alpha, not interlaced: what typst writes."""
    place, packed, width = 8, b"", 0
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        chunk = content[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, _, depth, color = struct.unpack(">IIBB", chunk[:10])
            assert (depth, color) == (8, 6)
        elif kind == b"IDAT":
            packed += chunk
        place += length + 12
    plain, size = zlib.decompress(packed), width * 4 + 1
    rows, before = [], bytes(width * 4)
    for start in range(0, len(plain), size):
        before = _unfiltered(plain[start], plain[start + 1 : start + size], before)
        rows.append(before)
    return Picture(width, rows)


def _unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    """PNG's five filters: each byte is the difference from a guess by its neighbors."""
    made = bytearray(row)
    for index in range(len(made)):
        left = made[index - 4] if index >= 4 else 0
        up, corner = above[index], above[index - 4] if index >= 4 else 0
        guesses = (0, left, up, (left + up) // 2, _paeth(left, up, corner))
        made[index] = (made[index] + guesses[kind]) & 255
    return bytes(made)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda neighbor: abs(guess - neighbor))


def glyphs_in(pdf: bytes) -> set[int]:
    """The numbers of all glyphs that are drawn; 0 is the box that stands for what a font lacks."""
    found: set[int] = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        contents = page.get_contents()
        assert contents is not None
        for operands, operator in contents.operations:
            if operator in {b"Tj", b"TJ"}:
                texts = operands[0] if operator == b"TJ" else operands
                for text in texts:
                    raw = getattr(text, "original_bytes", text if isinstance(text, bytes) else b"")
                    found |= set(_pairs(raw))
    return found


def _pairs(raw: bytes) -> list[int]:
    return [raw[index] << 8 | raw[index + 1] for index in range(0, len(raw) - 1, 2)]
