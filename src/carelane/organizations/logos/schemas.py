"""Logos on the wire, and what may be one."""

from collections.abc import Iterator
from typing import Literal, get_args

import msgspec

from carelane.kit.errors import FieldProblem, RecordNotFoundError
from carelane.kit.images import Image, read_image

Use = Literal["pages", "receipts"]

MAX_BYTES = 200_000
MAX_PIXELS = 2_000
EXPECTED = "expected a PNG, JPEG or WebP picture, whole and with nothing behind it"


class LogoIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The file as it is in a form, base64 in JSON: PNG, JPEG or WebP, at most 200 kB and 2,000 x 2,000 pixels."""

    file: bytes


class LogoOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`url` is another one for every other picture."""

    url: str
    media_type: str
    width: int
    height: int
    bytes: int


class LogosOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`logo` is on patients' pages and in mail; `receipt_logo` on receipts, where null means the same one."""

    logo: LogoOut | None = None
    receipt_logo: LogoOut | None = None


def broken_rules(body: LogoIn) -> Iterator[FieldProblem]:
    """What is wrong with the file, as far as it can be told without drawing it."""
    size = len(body.file)
    if size > MAX_BYTES:
        yield FieldProblem("file", f"expected at most 200 kB; it has {size / 1_000:,.0f} kB")
        return
    image = read_image(body.file)
    if image is None:
        yield FieldProblem("file", EXPECTED)
    elif not is_small(image):
        yield FieldProblem("file", f"expected at most 2,000 x 2,000 pixels; it has {image.width:,} x {image.height:,}")


def read_use(text: str) -> Use:
    """Raises RecordNotFoundError."""
    use: Use | None = next((one for one in get_args(Use) if one == text), None)
    if use is None:
        raise RecordNotFoundError("logos are for `pages` and for `receipts`")
    return use


def is_small(image: Image) -> bool:
    return max(image.width, image.height) <= MAX_PIXELS
