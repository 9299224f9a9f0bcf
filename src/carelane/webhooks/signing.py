"""Secrets of webhook endpoints, and the headers that prove who sent a body.

Two schemes side by side, over the exact bytes that are sent:

    x-cv-signature, or Decoda-Signature in the billing dialect
                       hexadecimal HMAC-SHA256 of the body; the key is the secret's UTF-8 bytes
    webhook-signature   Standard Webhooks: base64 HMAC-SHA256 of `id.timestamp.body`, one for each valid secret
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from carelane.kit.errors import FieldProblem
from carelane.webhooks.queries import Dialect

PREFIX = "whsec_"
_KEY_BYTES = 32
_SIGNATURE: dict[Dialect, str] = {"CARE": "x-cv-signature", "BILLING": "Decoda-Signature"}

MAX_HEADER_CHARACTERS = 100
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
# What says how the request travels, and what Carelane says of itself.
_RESERVED = """
    accept accept-charset accept-encoding accept-language connection content-encoding content-language content-length
    content-location content-range content-type cookie date expect forwarded from host http2-settings if-match
    if-modified-since if-none-match if-range if-unmodified-since keep-alive max-forwards origin pragma
    proxy-authenticate proxy-authorization proxy-connection range referer set-cookie te trailer transfer-encoding
    upgrade user-agent via x-cv-signature decoda-signature
"""
_RESERVED_STARTS = ("webhook-", "proxy-", "sec-", "x-forwarded-", "access-control-", ":")


def new_secret() -> str:
    """A new secret in the form Standard Webhooks gives them: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def standard_key(secret: str) -> bytes:
    """The key of `webhook-signature`: what follows `whsec_`, decoded; of any other secret its UTF-8 bytes.

    Raises ValueError when `whsec_` is not followed by base64.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def header_problems(place: str, name: str | None) -> Iterator[FieldProblem]:
    """What is wrong with the name of the header that is to carry the secret."""
    if name is None:
        return
    if len(name) > MAX_HEADER_CHARACTERS or _HEADER_NAME.fullmatch(name) is None:
        expected = f"expected the name of an HTTP header, such as X-Webhook-Secret, of at most {MAX_HEADER_CHARACTERS} characters"
        yield FieldProblem(place, expected)
    elif name.lower() in _RESERVED.split() or name.lower().startswith(_RESERVED_STARTS):
        yield FieldProblem(
            place, "the request needs this header for itself; expected another, such as X-Webhook-Secret"
        )


def headers(
    body: bytes, secrets: Sequence[str], message_id: str, sent_at_seconds: int, dialect: Dialect = "CARE"
) -> Mapping[str, str]:
    """All headers of one attempt. `secrets` are the valid ones, newest first."""
    signed = f"{message_id}.{sent_at_seconds}.".encode() + body
    signatures = [base64.b64encode(_mac(standard_key(secret), signed)).decode() for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "carelane",
        _SIGNATURE[dialect]: _mac(secrets[0].encode(), body).hex(),
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
