"""FHIR R4 (4.0.1): an order is a transaction Bundle, and one Task in it tells how far the order is."""

import base64
import binascii
import re
from collections.abc import Mapping
from uuid import UUID

import msgspec

from carelane.kit.errors import InvalidRequestError
from carelane.kit.http import MAX_ANSWER_BYTES, Http, HttpAnswer, NotSentError, OutcomeUnknownError
from carelane.kit.phi import Phi
from carelane.pharmacies.adapters import Callback, PharmacyDocument, Report
from carelane.pharmacies.adapters.client import MAX_TEXT_LENGTH, PharmacyClient, not_taken
from carelane.pharmacies.adapters.fhir_reading import Bundle, NotReadableError, Task, read_bundle, report_of
from carelane.pharmacies.adapters.fhir_writing import (
    Resource,
    cancel_bundle,
    identifier_query,
    new_rx_bundle,
    task_query,
)
from carelane.pharmacies.adapters.signing import require_signed
from carelane.pharmacies.errors import CallbackUnreadableError
from carelane.pharmacies.schemas import Prescription

CALLBACK_URL_HEADER = "carelane-callback-url"
_FHIR = {"content-type": "application/fhir+json", "accept": "application/fhir+json", "prefer": "return=representation"}
_REFUSED = {400, 422}
# It is there already, or it has moved on: its present state is asked for.
_MOVED_ON = {409, 412}
_LOCAL_DOCUMENT = re.compile(r"DocumentReference/[A-Za-z0-9\-.]{1,64}")
_LOCAL_BINARY = re.compile(r"Binary/[A-Za-z0-9\-.]{1,64}")


class _Attachment(Phi, msgspec.Struct, rename="camel"):
    content_type: str = "application/octet-stream"
    data: str | None = None
    url: str | None = None
    title: str | None = None


class _Content(Phi, msgspec.Struct):
    attachment: _Attachment


class _DocumentReference(Phi, msgspec.Struct):
    content: list[_Content]


class _Details(Phi, msgspec.Struct):
    text: str | None = None


class _Issue(Phi, msgspec.Struct):
    diagnostics: str | None = None
    details: _Details | None = None


class _OperationOutcome(Phi, msgspec.Struct):
    issue: list[_Issue] = []


class FhirAdapter:
    """`url` is the FHIR server's base, without a slash at its end; `secret` signs both directions."""

    def __init__(self, http: Http, url: str, secret: bytes, timeout_seconds: float) -> None:
        self._client = PharmacyClient(http, url, secret, timeout_seconds)

    async def new_rx(self, prescription: Prescription, pdf: bytes, callback_url: str | None) -> Report:
        external_id = prescription.external_id
        headers = {"idempotency-key": str(external_id)}
        if callback_url is not None:
            headers[CALLBACK_URL_HEADER] = callback_url
        async with self._client.deadline():
            answer = await self._post(new_rx_bundle(prescription, pdf), headers)
            if answer.status in _REFUSED:
                return Report(status="REJECTED", message=_refusal(answer))
            if answer.status in _MOVED_ON:
                return await self._report_after(answer, external_id)
            return _report_in(answer, external_id) or Report(status="SENT")

    async def status(self, external_id: UUID, pharmacy_order_id: str | None) -> Report | None:  # noqa: ARG002
        async with self._client.deadline():
            return await self._find_report(external_id)

    async def cancel_rx(self, external_id: UUID, pharmacy_order_id: str | None, reason: str) -> Report:  # noqa: ARG002
        async with self._client.deadline():
            answer = await self._post(cancel_bundle(external_id, reason), {})
            report = None if answer.status in _MOVED_ON else _report_in(answer, external_id)
            return report or await self._find_report(external_id) or Report(status="CANCELED")

    async def document(self, external_id: UUID, pharmacy_order_id: str | None) -> PharmacyDocument | None:  # noqa: ARG002
        async with self._client.deadline():
            task = await self._find_task(external_id)
            path = task.document_path if task else None
            if path is None or not _LOCAL_DOCUMENT.fullmatch(path):
                return None
            return await self._document_at(path, external_id)

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> Callback:
        require_signed(self._client.secret, headers, body)
        try:
            bundle = read_bundle(body)
            message_id = (bundle.identifier.value if bundle.identifier else None) or ""
            task = bundle.tasks[0]
            report = report_of(task, bundle)
        except InvalidRequestError as error:
            raise CallbackUnreadableError(problems=error.problems) from error
        except (NotReadableError, IndexError) as error:
            raise CallbackUnreadableError(f"expected a Bundle with a Task ({error})") from error
        if not 1 <= len(message_id) <= 200:
            raise CallbackUnreadableError("Bundle.identifier.value: expected 1 to 200 characters")
        if task.external_id is None and report.pharmacy_order_id is None:
            raise CallbackUnreadableError("Task.groupIdentifier: expected it, or an identifier of type FILL")
        return Callback(message_id=message_id, external_id=task.external_id, report=report)

    async def _post(self, bundle: Resource, headers: dict[str, str]) -> HttpAnswer:
        return await self._client.request("POST", "", {**_FHIR, **headers}, msgspec.json.encode(bundle))

    async def _find_report(self, external_id: UUID) -> Report | None:
        """Two requests: the Task, then its parcels."""
        task = await self._find_task(external_id)
        if task is None:
            return None
        dispenses = await self._search(f"/MedicationDispense?{identifier_query(external_id)}")
        try:
            return report_of(task, dispenses)
        except NotReadableError as error:
            raise OutcomeUnknownError(str(error)) from error

    async def _report_after(self, answer: HttpAnswer, external_id: UUID) -> Report:
        """The state of an order that was handed over: whatever fails from here on, the pharmacy may have it."""
        try:
            report = await self._find_report(external_id)
        except NotSentError as error:
            raise OutcomeUnknownError(f"said to be there already, and then {error}", answer.status) from error
        if report is None:
            raise OutcomeUnknownError("said to be there already, and not found", answer.status)
        return report

    async def _find_task(self, external_id: UUID) -> Task | None:
        """A server that does not know the search parameter answers with Tasks of other orders: that is not an answer."""
        tasks = _tasks(await self._search(f"/Task?{task_query(external_id)}"))
        found = next((task for task in tasks if task.external_id == external_id), None)
        if found is None and tasks:
            raise OutcomeUnknownError("an answer about other orders")
        return found

    async def _search(self, path: str) -> Bundle:
        answer = await self._client.request("GET", path, _FHIR)
        if answer.status >= 300:
            raise not_taken(answer)
        return _bundle(answer)

    async def _document_at(self, path: str, external_id: UUID) -> PharmacyDocument | None:
        answer = await self._client.request("GET", f"/{path}", _FHIR, None, MAX_ANSWER_BYTES)
        if answer.status >= 300:
            raise not_taken(answer)
        try:
            attachment = msgspec.json.decode(answer.body, type=_DocumentReference).content[0].attachment
            return await self._fetched(attachment, external_id)
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError, binascii.Error) as error:
            raise OutcomeUnknownError("a document that cannot be read", answer.status) from error

    async def _fetched(self, attachment: _Attachment, external_id: UUID) -> PharmacyDocument | None:
        """The attachment's bytes: in it, or in a Binary of the same server."""
        name = (attachment.title or f"pharmacy-{external_id}").replace("\\", "/").rpartition("/")[2][:200]
        if attachment.data is not None:
            content = base64.b64decode(attachment.data, validate=True)
            return PharmacyDocument(name=name, content_type=attachment.content_type, content=content)
        if not attachment.url or not _LOCAL_BINARY.fullmatch(attachment.url):
            return None
        accepted = {"accept": attachment.content_type}
        answer = await self._client.request("GET", f"/{attachment.url}", accepted, None, MAX_ANSWER_BYTES)
        if answer.status >= 300:
            raise not_taken(answer)
        return PharmacyDocument(name=name, content_type=attachment.content_type, content=answer.body)


def _report_in(answer: HttpAnswer, external_id: UUID) -> Report | None:
    """What the answer to a transaction tells of the order, if the server sent its Task along."""
    if answer.status >= 300:
        raise not_taken(answer)
    bundle = _bundle(answer)
    task = next((task for task in _tasks(bundle) if task.external_id == external_id), None)
    try:
        return report_of(task, bundle) if task else None
    except NotReadableError as error:
        raise OutcomeUnknownError(str(error), answer.status) from error


def _bundle(answer: HttpAnswer) -> Bundle:
    try:
        return read_bundle(answer.body)
    except InvalidRequestError as error:
        raise OutcomeUnknownError("an answer that cannot be read", answer.status) from error


def _tasks(bundle: Bundle) -> list[Task]:
    try:
        return bundle.tasks
    except NotReadableError as error:
        raise OutcomeUnknownError(str(error)) from error


def _refusal(answer: HttpAnswer) -> str | None:
    """The texts of an OperationOutcome."""
    try:
        issues = msgspec.json.decode(answer.body, type=_OperationOutcome).issue
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    texts = [(issue.details.text if issue.details else None) or issue.diagnostics for issue in issues]
    return "; ".join(text.replace("\0", "") for text in texts if text)[:MAX_TEXT_LENGTH] or None
