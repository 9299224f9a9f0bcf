"""What the type of a setting does not say of its value, and how that is told. No I/O."""

import base64
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple, get_args
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec.structs import FieldInfo
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


class Check(NamedTuple):
    expected: str
    accepts: Callable[[str], bool]


def _is_database_url(text: str) -> bool:
    try:
        return bool(conninfo_to_dict(text))
    except ProgrammingError:
        return False


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text and not (parts.username or parts.query or parts.fragment)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def _is_documents_url(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.netloc) if parts.scheme in {"s3", "gs", "az"} else parts.scheme == "file" and len(parts.path) > 1


def _is_master_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text.strip(), validate=True)) == 32
    except ValueError:
        return False


def _are_networks(text: str) -> bool:
    try:
        return all(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        return False


_DATABASE = Check("a URL such as postgresql://user:password@host:5432/database", _is_database_url)
_WEB = Check("a URL such as https://care.example.com", _is_web_url)
CHECKS = {
    "database_url": _DATABASE,
    "database_owner_url": _DATABASE,
    "public_url": _WEB,
    "pharmacy_simulator_url": _WEB,
    "gateway_simulator_url": _WEB,
    "gateway_down": Check("`accept` or `refuse`", lambda text: text in {"accept", "refuse"}),
    "sms_url": _WEB,
    "sms_simulator_url": _WEB,
    "documents_url": Check(
        "a URL such as s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder",
        _is_documents_url,
    ),
    "master_key": Check("32 bytes in base64, as `openssl rand -base64 32` prints them", _is_master_key),
    "allowed_networks": Check("networks such as 10.1.0.0/16, separated by commas", _are_networks),
    "host": Check("an address or a name of this machine", lambda text: text.isprintable() and " " not in text),
    "mail_from": Check("a mail address", lambda text: text.isprintable() and "@" in text),
}


def accepted(field: FieldInfo) -> str:
    """`a whole number, at least 1, at most 64`."""
    parts = _parts(field.type)
    names = {Path: "a path", str: "text", int: "a whole number", float: "a number", bool: "`true` or `false`"}
    kind = next(names[part] for part in parts if part in names)
    limits = [(words, getattr(part, at)) for part in parts if isinstance(part, Meta) for words, at in _LIMITS]
    return kind + "".join(f", {words} {limit:,}" for words, limit in limits if limit is not None)


def _parts(wanted: Any) -> list[Any]:
    """The plain types and notes that an annotation is made of, however they are nested: `Annotated[int, Meta(ge=1)] | None`."""
    parts = get_args(wanted)
    return [wanted] if not parts else [plain for part in parts for plain in _parts(part)]


# Field of Meta, by how it reads.
_LIMITS = (("at least", "ge"), ("above", "gt"), ("at most", "le"))
