"""Forms that pages of ours send, and the proof that they were ours."""

import hmac
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from carelane.kit.errors import InvalidRequestError
from carelane.web.html.security import ForeignFormError, may_act

MEDIA_TYPE = "application/x-www-form-urlencoded"
TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field, no secret


async def read_form(request: Request[Any, Any, Any], max_fields: int) -> dict[str, str]:
    """The fields; of those sent twice, the last. Raises ForeignFormError, and InvalidRequestError for what no form of ours
    sends."""
    if not may_act(request, if_no_page=True):
        raise ForeignFormError
    body = await request.body()
    if not request.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        raise InvalidRequestError("expected a form")
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=max_fields, errors="strict")
    except ValueError as error:
        raise InvalidRequestError("expected a form in UTF-8") from error
    return dict(fields)


def form_token(key: bytes, session_token: str) -> str:
    """What every form of a session's pages carries in TOKEN_FIELD (CSRF). No other site can know it."""
    return hmac.digest(key, session_token.encode(), "sha256").hex()
