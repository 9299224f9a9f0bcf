"""What kind of picture a file is, and how large: by what it says of itself from its first byte to its last. No I/O.

PNG, JPEG and WebP only: SVG can carry a script. A file must end where its picture ends, so that nothing else hides behind it.
Whether the picture can be drawn is for whoever draws it; what a photo says of its camera and its place (EXIF) stays in it.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

ImageType = Literal["image/png", "image/jpeg", "image/webp"]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Markers of a JPEG: the frames that say how large it is, what has no length, where the data begin and where all ends.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END = 0xDA, 0xD9
# A progressive picture has some ten; each costs whoever draws it a pass over all of it.
_MAX_SCANS = 100
# Whoever draws a PNG unpacks its color profile whole.
_MAX_PROFILE_BYTES = 1_048_576


class Image(msgspec.Struct, frozen=True):
    media_type: ImageType
    width: int
    height: int


def read_image(content: bytes) -> Image | None:
    """None for everything that is not one whole picture of these kinds and nothing else."""
    for media_type, begins, size_of in _KINDS:
        if begins(content):
            try:
                width, height = size_of(content)
            except (ValueError, IndexError, struct.error, zlib.error):
                return None
            return Image(media_type, width, height) if width and height else None
    return None


def _size_of_png(content: bytes) -> tuple[int, int]:
    chunks = list(_chunks_of_png(content))
    first, names = chunks[0], [name for name, _ in chunks]
    if first[0] != b"IHDR" or b"IDAT" not in names or names.index(b"IEND") != len(names) - 1:
        raise ValueError("a PNG of other chunks")
    for name, data in chunks:
        if name == b"iCCP":
            _require_small_profile(data)
    width, height = struct.unpack_from(">II", first[1])
    return width, height


def _require_small_profile(data: bytes) -> None:
    """Its name, a zero, how it is packed, and the packed profile."""
    unpacker = zlib.decompressobj()
    unpacker.decompress(data.partition(b"\0")[2][1:], _MAX_PROFILE_BYTES)
    if unpacker.unconsumed_tail:
        raise ValueError("a color profile of more than that")


def _chunks_of_png(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        (told,) = struct.unpack_from(">I", content, at + 8 + length)
        if told != zlib.crc32(data, zlib.crc32(name)):
            raise ValueError("a chunk with another checksum")
        yield name, data
        at += 12 + length


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    at, size, scans = len(_JPEG), (0, 0), 0
    while content[at] == 0xFF and scans <= _MAX_SCANS:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == _END:
            if at + 2 != len(content):
                raise ValueError("something behind the picture")
            return size
        elif marker in _ALONE:
            at += 2
        else:
            (length,) = struct.unpack_from(">H", content, at + 2)
            if marker in _FRAMES:
                height, width = struct.unpack_from(">HH", content, at + 5)
                size = (width, height)
            at += 2 + length
            if marker == _SCAN:
                at, scans = _end_of_scan(content, at), scans + 1
    raise ValueError("no marker where one belongs")


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker is: within the data FF is followed by 00, or by a marker that only sets the decoder back."""
    while True:
        at = content.index(b"\xff", at)
        following = content[at + 1]
        if following and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _size_of_webp(content: bytes) -> tuple[int, int]:
    (length,) = struct.unpack_from("<I", content, 4)
    name, data = content[12:16], content[20:50]
    if length + 8 != len(content):
        raise ValueError("another length than it says")
    if name == b"VP8X":
        return (int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1)
    if name == b"VP8L" and data[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("a WebP of another kind")


_KINDS: tuple[tuple[ImageType, Callable[[bytes], bool], Callable[[bytes], tuple[int, int]]], ...] = (
    ("image/png", lambda content: content.startswith(_PNG), _size_of_png),
    ("image/jpeg", lambda content: content.startswith(_JPEG), _size_of_jpeg),
    ("image/webp", lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP", _size_of_webp),
)
