"""E-mail addresses: which texts are one, and the one form they are compared in."""

import re
import unicodedata

import idna

MAX_ADDRESS_CHARACTERS = 254
MAX_LOCAL_BYTES = 64
_MAX_DOMAIN_CHARACTERS = 253
# RFC 5321's dot-atom, and the letters of other scripts (RFC 6531). Quoted local parts are nobody's.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def is_email(text: str) -> bool:
    """Whether `text` has the form of an e-mail address; whether it exists only a message can tell."""
    return _parts(text) is not None


def mailbox_of(text: str) -> str:
    """The form in which addresses are compared: of two spellings of one mailbox it is the same text.

    Capital letters never tell two people apart. What is no address is only folded.
    """
    parts = _parts(text)
    if parts is None:
        return unicodedata.normalize("NFC", text).lower()
    local, domain = parts
    return f"{unicodedata.normalize('NFC', local).lower()}@{domain}"


def deliverable(text: str) -> str:
    """The address as mail servers take it: an international domain by its ASCII name."""
    parts = _parts(text)
    return text if parts is None else "@".join(parts)


def _parts(text: str) -> tuple[str, str] | None:
    """The local part, and the domain in ASCII and small letters. None: this is no address."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > MAX_ADDRESS_CHARACTERS or _LOCAL.fullmatch(local) is None:
        return None
    if not local.isascii() and (
        len(local.encode("utf-8", "surrogatepass")) > MAX_LOCAL_BYTES or not _is_written(local)
    ):
        return None
    name = _ascii_domain(domain)
    is_name = len(local) <= MAX_LOCAL_BYTES and name is not None and 0 < len(name) <= _MAX_DOMAIN_CHARACTERS
    return (local, name) if is_name and name is not None else None


def _ascii_domain(domain: str) -> str | None:
    if domain.isascii():
        name = domain.lower()
        if "xn--" not in name:
            return name if all(_LABEL.fullmatch(label) for label in name.split(".")) else None
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None


def _is_written(local: str) -> bool:
    """No spaces, no control or invisible characters, nothing unassigned."""
    return all(unicodedata.category(letter)[0] not in "ZC" for letter in local)
