"""Our own protocol: JSON over HTTPS, as `docs/howto/pharmacies.md` describes it to pharmacies."""

from collections.abc import Mapping
from email.message import Message
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.http import MAX_ANSWER_BYTES, Http, HttpAnswer, OutcomeUnknownError
from carelane.kit.phi import Phi
from carelane.pharmacies.adapters import Callback, PharmacyDocument, Report
from carelane.pharmacies.adapters.client import MAX_TEXT_LENGTH, PharmacyClient, not_taken
from carelane.pharmacies.adapters.signing import require_signed
from carelane.pharmacies.adapters.tolerant import convert, read_plain
from carelane.pharmacies.errors import CallbackUnreadableError
from carelane.pharmacies.schemas import Prescription
from carelane.web.problems import list_problems

# How a pharmacy says that it has no such order. A bare 404 may come from anything on the way, and an order that is
# believed unknown is sent again.
ORDER_UNKNOWN = "ORDER_UNKNOWN"
_JSON = {"content-type": "application/json", "accept": "application/json"}
_REFUSED = {400, 422}


class _DocumentOut(Phi, msgspec.Struct, rename="camel", frozen=True):
    name: str
    content_type: str
    content: bytes


class _NewRxOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    external_id: UUID
    callback_url: str | None
    prescription: Prescription
    document: _DocumentOut


class _CancelOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    external_id: UUID
    reason: str


class _ReportIn(Report, rename="camel", frozen=True, kw_only=True):
    external_id: UUID | None = None


class _CallbackIn(_ReportIn, rename="camel", frozen=True, kw_only=True):
    message_id: Annotated[str, Meta(min_length=1, max_length=200)]


class _RefusalIn(Phi, msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


R = TypeVar("R", bound=_ReportIn)


class HttpAdapter:
    """`url` has no slash at its end; `secret` signs both directions."""

    def __init__(self, http: Http, url: str, secret: bytes, timeout_seconds: float) -> None:
        self._client = PharmacyClient(http, url, secret, timeout_seconds)

    async def new_rx(self, prescription: Prescription, pdf: bytes, callback_url: str | None) -> Report:
        external_id = prescription.external_id
        message = _NewRxOut(
            external_id=external_id,
            callback_url=callback_url,
            prescription=prescription,
            document=_DocumentOut(f"prescription-{external_id}.pdf", "application/pdf", pdf),
        )
        headers = {**_JSON, "idempotency-key": str(external_id)}
        answer = await self._client.request("POST", "/orders", headers, msgspec.json.encode(message))
        if answer.status in _REFUSED:
            return Report(status="REJECTED", message=_refusal(answer).message or None)
        return _report(answer, external_id)

    async def status(self, external_id: UUID, pharmacy_order_id: str | None) -> Report | None:  # noqa: ARG002
        answer = await self._client.request("GET", f"/orders/{external_id}", _JSON)
        if _is_unknown(answer):
            return None
        return _report(answer, external_id)

    async def cancel_rx(self, external_id: UUID, pharmacy_order_id: str | None, reason: str) -> Report:  # noqa: ARG002
        message = _CancelOut(external_id=external_id, reason=reason)
        answer = await self._client.request(
            "POST", f"/orders/{external_id}/cancel", _JSON, msgspec.json.encode(message)
        )
        if _is_unknown(answer):
            return Report(status="CANCELED")
        return _report(answer, external_id)

    async def document(self, external_id: UUID, pharmacy_order_id: str | None) -> PharmacyDocument | None:  # noqa: ARG002
        answer = await self._client.request(
            "GET", f"/orders/{external_id}/document", {"accept": "*/*"}, None, MAX_ANSWER_BYTES
        )
        if answer.status in {204, 404}:
            return None
        if answer.status != 200:
            raise not_taken(answer)
        return _document(answer, external_id)

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> Callback:
        require_signed(self._client.secret, headers, body)
        try:
            message = _read(body, _CallbackIn)
        except InvalidRequestError as error:
            raise CallbackUnreadableError(problems=error.problems) from error
        if message.external_id is None and message.pharmacy_order_id is None:
            raise CallbackUnreadableError("externalId: expected it, or pharmacyOrderId")
        return Callback(message_id=message.message_id, external_id=message.external_id, report=_plain(message))


def _report(answer: HttpAnswer, external_id: UUID) -> Report:
    """What a 2xx or a 409 says. A 409 says where the order already is; one that does not say leaves it open."""
    if answer.status >= 300 and answer.status != 409:
        raise not_taken(answer)
    try:
        report = _read(answer.body, _ReportIn)
    except InvalidRequestError as error:
        raise OutcomeUnknownError("an answer that cannot be read", answer.status) from error
    if report.external_id not in {None, external_id}:
        raise OutcomeUnknownError("an answer about another order", answer.status)
    return _plain(report)


def _read(body: bytes, wanted: type[R]) -> R:
    """Whose order it is must be right if it is said at all. Raises InvalidRequestError, with the faults of what is required."""
    raw = read_plain(body)
    try:
        message = convert(raw, wanted)
    except msgspec.ValidationError as error:
        raise InvalidRequestError(problems=list_problems(raw, wanted)) from error
    if message.external_id is None and raw.get("externalId") is not None:
        raise InvalidRequestError(problems=[FieldProblem("externalId", "expected a UUID")])
    return message


def _plain(message: _ReportIn) -> Report:
    return Report(**{name: getattr(message, name) for name in Report.__struct_fields__})


def _is_unknown(answer: HttpAnswer) -> bool:
    return answer.status == 404 and _refusal(answer).code == ORDER_UNKNOWN


def _refusal(answer: HttpAnswer) -> _RefusalIn:
    """The code and text of a 4xx: from our JSON, else the body's text as it is."""
    try:
        read = convert(read_plain(answer.body), _RefusalIn)
    except (InvalidRequestError, msgspec.ValidationError):
        return _RefusalIn(message=answer.body.decode(errors="replace").replace("\0", "")[:MAX_TEXT_LENGTH])
    return _RefusalIn(read.code, read.message[:MAX_TEXT_LENGTH])


def _document(answer: HttpAnswer, external_id: UUID) -> PharmacyDocument:
    header = Message()
    header["content-type"] = answer.headers.get("content-type", "application/octet-stream")
    header["content-disposition"] = answer.headers.get("content-disposition", "attachment")
    name = header.get_filename() or f"pharmacy-{external_id}"
    # A path in the name is dropped.
    name = name.replace("\\", "/").rpartition("/")[2][:200]
    return PharmacyDocument(name=name, content_type=header.get_content_type(), content=answer.body)
