"""What a file says of its picture."""

import struct
import zlib

import pytest

from carelane.kit.images import Image, read_image
from tests.pictures import JPEG, NO_PICTURES, WEBP, chunk, png

# Told by its data alone, which nobody reads here.
_ONLY_DRAWN = {"other data than its size"}


@pytest.mark.parametrize(("content", "media_type"), [(png(), "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_a_picture_says_what_it_is_and_how_large(content, media_type):
    assert read_image(content) == Image(media_type, 24, 8)


def test_other_kinds_of_webp_say_it_too():
    lossless = b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", 23 | 7 << 14) + b"\0"
    extended = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + (23).to_bytes(3, "little") + (7).to_bytes(3, "little")
    for body in (lossless, extended):
        assert read_image(b"RIFF" + struct.pack("<I", len(body)) + body) == Image("image/webp", 24, 8)


@pytest.mark.parametrize("name", sorted(NO_PICTURES.keys() - _ONLY_DRAWN))
def test_everything_else_is_none(name):
    assert read_image(NO_PICTURES[name]) is None


@pytest.mark.parametrize("whole", [png(), JPEG, WEBP])
def test_no_beginning_of_a_picture_is_one(whole):
    assert [end for end in range(len(whole)) if read_image(whole[:end])] == []


def test_a_png_with_another_checksum_is_none():
    good = chunk(b"tEXt", b"a\0b")
    assert read_image(png(more=good)) is not None
    assert read_image(png(more=good[:-1] + bytes([good[-1] ^ 1]))) is None


@pytest.mark.parametrize(
    ("profile", "is_read"),
    [(zlib.compress(bytes(1_000)), True), (zlib.compress(bytes(2_000_000)), False), (b"none", False)],
)
def test_a_color_profile_unpacks_to_little(profile, is_read):
    assert (read_image(png(more=chunk(b"iCCP", b"sRGB\0\0" + profile))) is not None) == is_read
