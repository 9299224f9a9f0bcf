"""Small pictures of each kind, and what passes for one and is none."""

import base64
import struct
import zlib

# Of 24 by 8 pixels, in one color, as a browser wrote them.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6"
    "T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAIABgDASIAAhEBAxEB"
    "/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAME/8QAFBEBAAAAAAAAAAAAAAAAAA"
    "AAAP/aAAwDAQACEQMRAD8AnALsYAD/2Q=="
)
WEBP = base64.b64decode("UklGRjwAAABXRUJQVlA4IDAAAACwAgCdASoYAAgAPxFysFAsJqSisAgBgCIJQAAPZAAA/ujXH6tJpF5/9etLc25YYAA=")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 24, height: int = 8, color: tuple[int, int, int] = (11, 92, 116), more: bytes = b"") -> bytes:
    """In one color. `more` are chunks between its head and its data."""
    rows = (b"\0" + bytes(color) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def heavy(size: int) -> bytes:
    """A good picture of more than `size` bytes."""
    return png(more=chunk(b"tEXt", b"Comment\0" + b"x" * size))


# Of each the reason why it is no picture of ours.
NO_PICTURES = {
    "empty": b"",
    "text": b"not a picture",
    "page": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    "signature alone": png()[:8],
    "cut PNG": png(90, 90)[:-20],
    "cut JPEG": JPEG[:-10],
    "cut WebP": WEBP[:-10],
    "page behind a PNG": png() + b"<script>alert(1)</script>",
    "page behind a JPEG": JPEG + b"<script>alert(1)</script>",
    "page behind a WebP": WEBP + b"<script>alert(1)</script>",
    "other data than its size": b"".join((png()[:33], chunk(b"IDAT", b"nothing"), chunk(b"IEND", b""))),
    "no width": png(0, 8),
    "JPEG of many passes": JPEG[:2] + b"\xff\xda\x00\x02\x00" * 200 + JPEG[2:],
}
