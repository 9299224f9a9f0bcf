"""How much work a body of JSON makes, known before it is read.

msgspec reads a body in one go, and nothing else happens in the process meanwhile. Its time goes with the bytes of texts, of
which it reads several hundred million a second, and with the values; some numbers take it a hundred times as long as others.
"""

from collections.abc import Iterable, Iterator

from carelane.kit.errors import FieldProblem, InvalidRequestError

# As it came; large ones are put together as they come.
Body = bytes | bytearray

# Read in some 10 ms at most. The largest case that makes sense comes to a fifth of it.
MAX_WEIGHT = 100_000
MAX_NUMBER_CHARACTERS = 1_000
# Whatever stands in a body that is no longer, it is read within a few milliseconds.
LIGHT_BYTES = 2_048
# msgspec reads most numbers in 0.03 µs, but 15 µs are needed for 1e300, and 0.7 for 9007199254740993.0.
_EXPONENT_WEIGHT = 500
_FRACTION_WEIGHT = 5
_BYTES_TO_A_WEIGHT = 64

_PIECE_BYTES = 65_536
# Each value has a comma, a list or an object a bracket too, and a member a colon: they become commas. What numbers are made of
# becomes 1, e or a point, and all else a blank.
_LETTERS = dict(zip(",[{:0123456789+-eE.", ",,,,111111111111ee.", strict=True))
_KINDS = bytes(ord(_LETTERS.get(chr(byte), " ")) for byte in range(256))
_EXPONENT = b"1e1"
_LONG_NUMBER = b"1" * MAX_NUMBER_CHARACTERS
_EXPECTED = (
    f"expected at most {MAX_WEIGHT:,} values, where a list, an object and a member count twice and a number with an exponent "
    f"{_EXPONENT_WEIGHT} times, and numbers of at most {MAX_NUMBER_CHARACTERS:,} characters"
)


def require_light(body: Body) -> None:
    """Raises InvalidRequestError for a body that would take long to read, whatever its size."""
    if len(body) <= LIGHT_BYTES or (len(body) <= _PIECE_BYTES and _has_few_exponents(body)):
        return
    # Mostly it is light even if all that stands in its texts is taken for values.
    if not _is_light([body]) and not _is_light(_outside_texts(body)):
        raise InvalidRequestError(problems=[FieldProblem("body", _EXPECTED)])


def _has_few_exponents(body: Body) -> bool:
    """Nothing else can make a body of this size heavy."""
    return body.translate(_KINDS).count(_EXPONENT) * _EXPONENT_WEIGHT <= MAX_WEIGHT


def _is_light(pieces: Iterable[Body]) -> bool:
    weight = 0
    for piece in pieces:
        kinds = piece.translate(_KINDS)
        weight += (
            kinds.count(b",")
            + _EXPONENT_WEIGHT * kinds.count(_EXPONENT)
            + _FRACTION_WEIGHT * kinds.count(b".")
            + len(kinds) // _BYTES_TO_A_WEIGHT
        )
        if weight > MAX_WEIGHT or _LONG_NUMBER in kinds:
            return False
    return True


def _outside_texts(body: Body) -> Iterator[bytes]:
    """What stands between the texts, in pieces."""
    kept, is_inside = b"", False
    for start in range(0, len(body), _PIECE_BYTES):
        # Without the pairs, a backslash that is left escapes what follows it.
        piece = (kept + body[start : start + _PIECE_BYTES]).replace(b"\\\\", b"")
        kept = b"\\" if piece.endswith(b"\\") else b""
        parts = piece.removesuffix(b"\\").replace(b'\\"', b"").split(b'"')
        yield b" ".join(parts[is_inside::2])
        is_inside ^= len(parts) % 2 == 0
