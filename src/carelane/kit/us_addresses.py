"""United States postal facts: state codes, which ZIP codes lie in which state (USPS three-digit prefixes), how the country is
written."""

import re

# First and last three-digit prefix of each state's ZIP codes. Military and overseas "states" are the USPS's own, and so are
# the three states in free association: Micronesia, the Marshall Islands, Palau.
_PREFIXES = """
AL 350-369; AK 995-999; AZ 850-865; AR 716-729; CA 900-961; CO 800-816; CT 060-069; DE 197-199; DC 200-205,569-569;
FL 320-349; GA 300-319,398-399; HI 967-968; ID 832-838; IL 600-629; IN 460-479; IA 500-528; KS 660-679; KY 400-427;
LA 700-714; ME 039-049; MD 206-219; MA 010-027,055-055; MI 480-499; MN 550-567; MS 386-397; MO 630-658; MT 590-599;
NE 680-693; NV 889-898; NH 030-038; NJ 070-089; NM 870-884; NY 005-005,063-063,100-149; NC 270-289; ND 580-588;
OH 430-459; OK 730-749; OR 970-979; PA 150-196; RI 028-029; SC 290-299; SD 570-577; TN 370-385; TX 733-733,750-799,885-885;
UT 840-847; VT 050-059; VA 201-201,220-246; WA 980-994; WV 247-268; WI 530-549; WY 820-831; PR 006-009; VI 008-008;
GU 969-969; AS 967-967; MP 969-969; FM 969-969; MH 969-969; PW 969-969; AA 340-340; AE 090-098; AP 962-966
"""
# How people and programs write the country, in small letters without dots; and its islands, which have codes of their own.
_UNITED_STATES = frozenset(
    {
        "us", "usa", "u s", "u s a", "840", "america", "united states", "the united states", "united states of america",
        "the united states of america", "estados unidos", "estados unidos de america", "estados unidos de américa",
        "eeuu", "ee uu",
    }
)  # fmt: skip
_ISLANDS = frozenset({"PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW", "UM"})
_ZIP = re.compile(r"(\d{3})\d{2}(-\d{4})?", re.ASCII)
# `PO Box 12`, `P.O.B. 12`, `Post Office Box 12`, `POBox12`; a street may be called Box Elder Lane, and a town Poole.
_PO_BOX = re.compile(
    r"\b(?:p[\s.]*o[\s.]*(?:box|b\b\.?)|post(?:al)?\s+(?:office\s+)?(?:box|bin)|p[\s.]*o[\s.]*drawer)[\s.#:]*(?:no\.?|number)?[\s#:]*\w*\d"
    r"|\bp[\s.]*o[\s.]*box\b|\bpost\s+office\s+box\b",
    re.ASCII | re.IGNORECASE,
)


def _read(table: str) -> dict[str, list[tuple[int, int]]]:
    states: dict[str, list[tuple[int, int]]] = {}
    for entry in table.replace("\n", " ").split(";"):
        state, ranges = entry.split()
        states[state] = [(int(low), int(high)) for low, high in (part.split("-") for part in ranges.split(","))]
    return states


_STATES = _read(_PREFIXES)
# To pick from.
STATES = tuple(sorted(_STATES))


def is_state(code: str) -> bool:
    """Whether `code` is a USPS state code, upper case."""
    return code in _STATES


def zip_in_state(postal_code: str, state: str) -> bool:
    """Whether a ZIP code (12345 or 12345-6789) can belong to the state."""
    match = _ZIP.fullmatch(postal_code)
    if match is None or state not in _STATES:
        return False
    prefix = int(match[1])
    return any(low <= prefix <= high for low, high in _STATES[state])


def is_po_box(line: str) -> bool:
    """Whether a line of an address names a box at a post office, where no parcel with medicine is brought."""
    return _PO_BOX.search(line) is not None


def country_code(country: str | None) -> str:
    """The code of two capital letters for the United States, however they are written; anything else in capital letters as it
    is. An address without a country is of here."""
    text = (country or "").strip()
    plain = " ".join(text.lower().replace(".", " ").split())
    return "US" if not plain or plain in _UNITED_STATES else text.upper()


def has_us_mail(country: str | None) -> bool:
    """Whether the USPS delivers there, so that state and ZIP code can be checked."""
    code = country_code(country)
    return code == "US" or code in _ISLANDS
