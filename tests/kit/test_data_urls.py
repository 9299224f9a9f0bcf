"""Files that come as text."""

import base64
import json
import os

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carelane.kit import data_urls
from carelane.kit.data_urls import PIECE_BYTES, decode_base64, read_file, take_file, unescaped_pieces

LARGE = os.urandom(3 * PIECE_BYTES + 1)


def in_json(text: str) -> memoryview:
    return memoryview(json.dumps(text)[1:-1].encode())


@given(content=st.binary(max_size=300), cut=st.integers(1, 60))
def test_what_was_encoded_is_decoded_however_it_is_cut(content, cut):
    text = base64.b64encode(content)
    assert decode_base64(text[start : start + cut] for start in range(0, len(text), cut)) == content


@given(text=st.text(alphabet="AZaz09+/= \r\n-_!é", max_size=40), cut=st.integers(1, 8))
def test_exactly_what_pythons_strict_decoder_takes_is_taken(text, cut):
    def decoded(decode):
        try:
            return bytes(decode())
        except ValueError:
            return None

    compact = "".join(text.split())
    # Python is of two minds about more padding than is needed; here it says nothing.
    assume(len(compact) % 4 == 0 or not compact.endswith("="))
    assume("====" not in compact)
    pieces = [text[start : start + cut].encode() for start in range(0, len(text), cut)]
    assert decoded(lambda: decode_base64(pieces)) == decoded(
        lambda: base64.b64decode("".join(text.split()), validate=True)
    )


@given(
    text=st.text(alphabet="AZaz09+/= \r\n-_!é", min_size=64, max_size=80)
    | st.binary(max_size=90).map(base64.b64encode).map(bytes.decode)
)
def test_what_can_be_a_file_is_told_without_reading_it(text):
    assume(len(text) >= data_urls.LEAST_BARE_CHARACTERS)
    try:
        read_file(text)
        is_file = True
    except ValueError:
        is_file = False
    assert data_urls.may_be_bare_file(text) == is_file


def escaped_by_php(text: str) -> str:
    return text.replace("/", "\\/")


def escaped_by_letters(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def in_lines(text: str) -> str:
    return "\\r\\n".join(text[start : start + 76] for start in range(0, len(text), 76))


@pytest.mark.parametrize("spell", [str, escaped_by_php, escaped_by_letters, in_lines])
@pytest.mark.parametrize("head", ["", "data:image/png;base64,"])
def test_a_large_file_in_a_body_is_taken_however_json_spells_it(spell, head):
    file = take_file(memoryview(spell(head + base64.b64encode(LARGE).decode()).encode()))
    assert file.content == LARGE
    told, content = read_file(file)
    assert (told.content_type, content) == ("image/png" if head else "application/octet-stream", LARGE)


@pytest.mark.parametrize("fault", ["!", "é", "=", "\\", '"', "\0", "-"])
@pytest.mark.parametrize("place", [0, PIECE_BYTES - 1, PIECE_BYTES, -5])
def test_a_fault_anywhere_is_found(fault, place):
    text = base64.b64encode(LARGE).decode()
    assert take_file(in_json(text[:place] + fault + text[place + 1 :])).content is None


def test_a_file_that_stops_short_is_none():
    assert take_file(in_json(base64.b64encode(LARGE).decode()[:-3])).content is None


@pytest.mark.parametrize(
    "url", ["data:" + "a" * 5_000, "data:image/png;base64" + ";a=b" * 500 + ",QUJD", "data:text/plain,abc"]
)
def test_a_long_data_url_without_a_head_or_without_base64_is_no_file(url):
    assert take_file(in_json(url)).content is None


def test_pieces_never_end_inside_an_escape():
    text = "".join(f"\\u{number % 95 + 32:04x}" for number in range(PIECE_BYTES)).replace("\\u005c", "A").encode()
    whole = b"".join(unescaped_pieces(memoryview(text)))
    assert whole.decode() == json.loads(b'"' + text + b'"')


@pytest.mark.parametrize(
    ("url", "content_type", "name", "content"),
    [
        ("data:image/jpeg;name=my%20photo.jpg;base64,QUJD", "image/jpeg", "my photo.jpg", b"ABC"),
        ("DATA:IMAGE/PNG;BASE64,QUJD", "image/png", None, b"ABC"),
        ('Data:a/b;charset=utf-8;filename="x y.pdf";base64,QUJD', "a/b", "x y.pdf", b"ABC"),
        ("data:;base64,QUJD", "text/plain", None, b"ABC"),
        ("data:,A%42C", "text/plain", None, b"ABC"),
        ("data:a/b; name = n ;base64,QUJD", "a/b", None, b"ABC"),
        ("QUJD", "application/octet-stream", None, b"ABC"),
        ("data:image/png;name=;base64,", "image/png", None, b""),
    ],
)
def test_what_a_data_url_says(url, content_type, name, content):
    told, read = read_file(url)
    assert (told.content_type, read) == (content_type, content)
    assert name is None or told.name == name


@pytest.mark.parametrize(
    "url", ["data:", "data:image/png", "data:image/png;base64", "data:image/png;base64,!!!!", "DATA:x"]
)
def test_whatever_begins_with_data_is_a_file_or_an_error(url):
    assert data_urls.is_data_url(url)
    with pytest.raises(ValueError, match=r".*"):
        read_file(url)
