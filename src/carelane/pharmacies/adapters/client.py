"""One signed request to a pharmacy, and what its status says about whether the message was taken."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime

import msgspec

from carelane.kit import clock
from carelane.kit.http import Http, HttpAnswer, OutcomeUnknownError
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign, target_of
from carelane.pharmacies.errors import RetryLaterError

# No pharmacy may put us off for longer than this.
MAX_WAIT_SECONDS = 86_400.0
MAX_TEXT_LENGTH = 2_000
# Many answers are held at once; only documents may be larger.
MAX_REPORT_BYTES = 4_194_304
_TAKEN_LATER = {429, 503}
_CREDENTIALS = {401, 403}


class PharmacyClient(msgspec.Struct, frozen=True):
    """How to reach one pharmacy. `url` has no slash at its end."""

    http: Http
    url: str
    secret: bytes
    timeout_seconds: float

    def __repr__(self) -> str:
        return "PharmacyClient(***)"

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Several requests that together get the time of one: whoever claimed the order relies on that."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                yield
        except TimeoutError as error:
            raise OutcomeUnknownError("no answer (TimeoutError)") from error

    async def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        most_bytes: int = MAX_REPORT_BYTES,
    ) -> HttpAnswer:
        """An answer of status 2xx or 4xx that says something about the order.

        Raises NotSentError, OutcomeUnknownError, RetryLaterError.
        """
        url = self.url + path
        signature = sign(self.secret, target_of(url) if body is None else body)
        answer = await self.http.send(
            method,
            url,
            headers={**headers, SIGNATURE_HEADER: signature},
            body=body,
            timeout_seconds=self.timeout_seconds,
            most_bytes=most_bytes,
        )
        _require_answer(answer)
        return answer


def _require_answer(answer: HttpAnswer) -> None:
    status = answer.status
    if status in _CREDENTIALS:
        raise RetryLaterError("credentials refused", status)
    if status in _TAKEN_LATER:
        raise RetryLaterError("busy", status, _wait_seconds(answer.headers.get("retry-after", "")))
    # 408: the pharmacy gave up on a message that may have arrived in part. 3xx: redirects are not followed.
    if not (200 <= status < 300 or 400 <= status < 500) or status == 408:
        raise OutcomeUnknownError(f"status {status}", status)


def _wait_seconds(text: str) -> float | None:
    """Retry-After: seconds or a date (RFC 9110); None when it is neither."""
    try:
        seconds = float(int(text)) if text.isdigit() else _seconds_until(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)


def _seconds_until(date: str) -> float:
    return (parsedate_to_datetime(date) - clock.now()).total_seconds()


def not_taken(answer: HttpAnswer) -> RetryLaterError:
    """For a 4xx that says nothing about the order: an address that is wrong, a version not understood. A person must fix
    it; the order waits meanwhile and is not rejected for it."""
    return RetryLaterError(f"refused with status {answer.status}", answer.status)
