"""Secrets of webhook endpoints, and the headers that prove who sent a body.

Two schemes side by side, over the exact bytes that are sent:

    x-cv-signature      hexadecimal HMAC-SHA256 of the body; the key is the secret's UTF-8 bytes
    webhook-signature   Standard Webhooks: base64 HMAC-SHA256 of `id.timestamp.body`, one for each valid secret
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
_KEY_BYTES = 32


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


def headers(body: bytes, secrets: Sequence[str], message_id: str, sent_at_seconds: int) -> Mapping[str, str]:
    """All headers of one attempt. `secrets` are the valid ones, newest first."""
    signed = f"{message_id}.{sent_at_seconds}.".encode() + body
    signatures = [base64.b64encode(_mac(standard_key(secret), signed)).decode() for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "carelane",
        "x-cv-signature": _mac(secrets[0].encode(), body).hex(),
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
