"""Files that come as text: data URLs (RFC 2397) and bare base64, read in pieces, so that a large one neither stops the process
nor takes more memory than the text and the file.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from string import ascii_letters, digits
from urllib.parse import unquote, unquote_to_bytes

import msgspec

from carelane.kit.texts import without_leading_blanks

SCHEME = "data:"
MAX_HEAD_CHARACTERS = 1_024
MAX_PLAIN_CHARACTERS = 8_192
PIECE_BYTES = 262_144
# What bare base64 counts as.
_BARE_HEAD = "data:application/octet-stream;base64"
_BLANKS = b" \t\r\n\f\v"
_ALPHABET = f"{ascii_letters}{digits}+/".encode()
_LONGEST_ESCAPE = len(r"\u0000")
# Up to the first comma that does not stand in a quoted name.
_HEAD = re.compile(r'(?:[^",]|"[^"]*")*+(?=,)')
_PARAMETER = re.compile(r';\s*([^=;"\s]+)\s*(?:=\s*("[^"]*"|[^;]*))?')
# `filename*=UTF-8''my%20photo.jpg` (RFC 8187).
_CHARSET = re.compile(r"[\w-]*'[\w-]*'")
# Shorter texts are words, not files: real files are longer, and file names shorter.
LEAST_BARE_CHARACTERS = 64


class DataUrlHead(msgspec.Struct, frozen=True):
    """What a data URL says before its comma. `name` is no standard, but widespread."""

    content_type: str
    name: str | None
    is_base64: bool


class EncodedFile(str):
    """A long text that was a file and has been decoded already. What is left of it as text is the head of a data URL;
    `content` is None when it could not be decoded."""

    __slots__ = ("content",)
    content: bytes | bytearray | None


def is_data_url(text: str) -> bool:
    """Whether it begins like one, whatever blanks stand before. What follows may be no file all the same."""
    return without_leading_blanks(text)[: len(SCHEME)].lower() == SCHEME


def is_encoded_file(text: str) -> bool:
    """Whether a data URL in base64 begins here: nobody writes that in words."""
    try:
        return is_data_url(text) and _read_head(_split(text)[0]).is_base64
    except ValueError:
        return False


def holds_nothing(text: str) -> bool:
    """Whether a file of zero bytes is what the text of a file comes to."""
    if isinstance(text, EncodedFile):
        return text.content is not None and not text.content
    try:
        return not _split(text)[1].strip("= \t\r\n")
    except ValueError:
        return False


def may_be_bare_file(text: str) -> bool:
    """Whether a text that is no data URL can be a file in base64 all the same, as `read_file` would find, told without reading."""
    if isinstance(text, EncodedFile):
        return text.content is not None
    if len(text) < LEAST_BARE_CHARACTERS or not text.isascii():
        return False
    compact = text.encode("ascii").translate(None, _BLANKS)
    letters = compact.rstrip(b"=")
    left = len(letters) % 4
    padding = len(compact) - len(letters)
    return left != 1 and padding >= -left % 4 and not letters.translate(None, _ALPHABET)


def take_file(escaped: memoryview) -> EncodedFile:
    """Decodes a file that stands in a body of JSON."""
    head, content = _BARE_HEAD, None
    try:
        pieces = unescaped_pieces(escaped)
        head, begun = _split(next(pieces, b"").decode("ascii"))
        if _read_head(head).is_base64:
            content = decode_base64(chain([begun.encode("ascii")], pieces))
    except ValueError:
        content = None
    file = EncodedFile(head)
    file.content = content
    return file


def take_words(escaped: memoryview) -> str | None:
    """What is no file as the words it may be instead. None for what is too long for that, or no text at all."""
    if len(escaped) > MAX_PLAIN_CHARACTERS * _LONGEST_ESCAPE:
        return None
    try:
        words = msgspec.json.decode(b'"%b"' % bytes(escaped), type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if "\0" in words else words


def read_file(text: str) -> tuple[DataUrlHead, bytes | bytearray]:
    """What a data URL or bare base64 says and holds. Raises ValueError."""
    if isinstance(text, EncodedFile):
        if text.content is None:
            raise ValueError("not base64")
        return _read_head(text), text.content
    head, rest = _split(text)
    told = _read_head(head)
    if told.is_base64:
        return told, decode_base64(_pieces(rest))
    if len(rest) > MAX_PLAIN_CHARACTERS:
        raise ValueError("a large file that is not in base64")
    return told, unquote_to_bytes(rest)


def _split(text: str) -> tuple[str, str]:
    """The head, and what follows its comma. Raises ValueError."""
    if not is_data_url(text):
        return _BARE_HEAD, text
    text = without_leading_blanks(text)
    head = _HEAD.match(text, 0, MAX_HEAD_CHARACTERS)
    if head is None:
        raise ValueError("a data URL without a comma")
    return head[0], text[head.end() + 1 :]


def _read_head(head: str) -> DataUrlHead:
    """`data:image/png;name=my%20photo.png;base64` in its parts."""
    content_type = head[len(SCHEME) :].partition(";")[0].strip()
    values = {name.lower(): text.strip() for name, text in _PARAMETER.findall(head)}
    plain = values.get("name") or values.get("filename")
    encoded = _CHARSET.sub("", values.get("name*") or values.get("filename*") or "", count=1)
    name = unquote(plain or encoded).strip('" ')
    return DataUrlHead(content_type.lower() or "text/plain", name or None, "base64" in values)


def decode_base64(pieces: Iterable[bytes]) -> bytearray:
    """Blanks between the characters are passed over. Raises ValueError for what is no base64 (RFC 4648, section 4)."""
    content = bytearray()
    left, is_padded = b"", False
    for piece in pieces:
        text = left + piece.translate(None, _BLANKS)
        whole = len(text) // 4 * 4
        text, left = text[:whole], text[whole:]
        if text and is_padded:
            raise ValueError("more after the padding")
        if text:
            content += binascii.a2b_base64(text, strict_mode=True)
            is_padded = text.endswith(b"=")
    # More padding than is needed says nothing.
    if left.strip(b"="):
        raise ValueError("characters are missing at the end")
    return content


def _pieces(text: str) -> Iterator[bytes]:
    """Raises ValueError for characters that are no ASCII."""
    for start in range(0, len(text), PIECE_BYTES):
        yield text[start : start + PIECE_BYTES].encode("ascii")


def unescaped_pieces(text: memoryview) -> Iterator[bytes]:
    """The text of a JSON string as it stands between its quotes. Raises ValueError for characters that are no ASCII, and
    where two backslashes follow one another: base64 has none."""
    start = 0
    while start < len(text):
        piece = bytes(text[start : start + PIECE_BYTES])
        cut = piece.rfind(b"\\", max(1, len(piece) - _LONGEST_ESCAPE + 1)) if start + len(piece) < len(text) else -1
        piece = piece if cut < 0 else piece[:cut]
        start += len(piece)
        if b"\\" in piece:
            piece = msgspec.json.decode(b'"%b"' % piece, type=str).encode("ascii")
        yield piece
