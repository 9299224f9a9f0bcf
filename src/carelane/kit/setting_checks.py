"""What the type of a setting does not say of its value, and how that is told. No I/O."""

import base64
from collections.abc import Callable
from ipaddress import ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

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
