"""From a pharmacy's FHIR Bundle to a report. No I/O.

How far the order is, the Task's status says; parcels are MedicationDispenses, in-progress on the way and completed when they
have arrived; the pharmacy's own document is a DocumentReference in the Task's output.
"""

from datetime import UTC, date, datetime, time
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.pharmacies.adapters import PharmacyStatus, Report
from carelane.pharmacies.adapters.fhir_writing import TRACKING, TRACKING_URL, URN
from carelane.pharmacies.adapters.tolerant import convert, read_plain

_STATUSES: dict[str, PharmacyStatus] = {
    "requested": "SENT", "received": "SENT", "accepted": "ACCEPTED", "ready": "ACCEPTED", "in-progress": "ACCEPTED",
    "on-hold": "ACCEPTED", "completed": "DELIVERED", "rejected": "REJECTED", "failed": "REJECTED",
    "cancelled": "CANCELED", "entered-in-error": "CANCELED",
}  # fmt: skip
_ON_THE_WAY = {"in-progress", "completed"}

T = TypeVar("T")


class NotReadableError(Exception):
    """Not a Bundle, or one without what was looked for. The message is one of our own words."""


class _Text(Phi, msgspec.Struct):
    text: str | None = None


class _Display(Phi, msgspec.Struct):
    display: str | None = None


class Coding(msgspec.Struct):
    code: str | None = None


class _Concept(Phi, msgspec.Struct):
    text: str | None = None
    coding: list[Coding] = []


class Identifier(Phi, msgspec.Struct):
    system: str | None = None
    value: str | None = None
    type: _Concept | None = None
    assigner: _Display | None = None


class _Reference(Phi, msgspec.Struct):
    reference: str | None = None


class _Output(Phi, msgspec.Struct, rename="camel"):
    value_reference: _Reference | None = None


class _Period(Phi, msgspec.Struct):
    end: str | None = None


class Task(Phi, msgspec.Struct, rename="camel", kw_only=True):
    status: str
    identifier: list[Identifier] = []
    group_identifier: Identifier | None = None
    status_reason: _Text | None = None
    execution_period: _Period | None = None
    output: list[_Output] = []

    @property
    def external_id(self) -> UUID | None:
        """What we know the order by, if the Task says so."""
        group = self.group_identifier
        if group is None or group.system != URN or group.value is None:
            return None
        try:
            return UUID(group.value)
        except ValueError:
            return None

    @property
    def document_path(self) -> str | None:
        """`DocumentReference/…`, if there is one."""
        references = [output.value_reference.reference or "" for output in self.output if output.value_reference]
        return next((one for one in references if one.startswith("DocumentReference/")), None)


class _Extension(Phi, msgspec.Struct, rename="camel"):
    url: str
    value_url: str | None = None


class _Dispense(Phi, msgspec.Struct, rename="camel", kw_only=True):
    status: str | None = None
    identifier: list[Identifier] = []
    extension: list[_Extension] = []
    status_reason_codeable_concept: _Text | None = None
    location: _Display | None = None
    when_prepared: str | None = None
    when_handed_over: str | None = None
    note: list[_Text] = []


class _Entry(Phi, msgspec.Struct):
    resource: dict[str, Any] | None = None


class Bundle(Phi, msgspec.Struct, rename="camel", kw_only=True):
    resource_type: Literal["Bundle"]
    identifier: Identifier | None = None
    entry: list[_Entry] = []

    def of_type(self, resource_type: str, wanted: type[T]) -> list[T]:
        """Raises NotReadableError."""
        found = [entry.resource for entry in self.entry if entry.resource is not None]
        try:
            return [convert(one, wanted) for one in found if one.get("resourceType") == resource_type]
        except msgspec.ValidationError as error:
            raise NotReadableError(f"a {resource_type} that cannot be read") from error

    @property
    def tasks(self) -> list[Task]:
        return self.of_type("Task", Task)


def read_bundle(body: bytes) -> Bundle:
    """Raises carelane.kit.errors.InvalidRequestError."""
    raw = read_plain(body)
    try:
        return convert(raw, Bundle)
    except msgspec.ValidationError as error:
        raise InvalidRequestError(problems=[FieldProblem("resourceType", "expected a Bundle")]) from error


def report_of(task: Task, *bundles: Bundle) -> Report:
    """Where the order is, with the parcels that `bundles` tell of. Raises NotReadableError."""
    dispenses = [one for bundle in bundles for one in bundle.of_type("MedicationDispense", _Dispense)]
    status = _STATUSES.get(task.status)
    if status is None:
        raise NotReadableError("a Task whose status says nothing")
    if status == "ACCEPTED" and any(one.status in _ON_THE_WAY for one in dispenses):
        status = "SHIPPED"
    report = {
        "status": status,
        "pharmacyOrderId": _filler(task),
        "message": task.status_reason.text if task.status_reason else None,
        "shipments": list(_shipments(dispenses).values()),
        "estimatedDeliveryAt": _moment(task.execution_period.end) if task.execution_period else None,
        "hasDocument": task.document_path is not None,
    }
    try:
        return convert(report, Report)
    except msgspec.ValidationError as error:
        raise NotReadableError("a value of another form") from error


def _filler(task: Task) -> str | None:
    """The pharmacy's own number of the order: its identifier of type FILL."""
    fillers = [one.value for one in task.identifier if one.type and any(c.code == "FILL" for c in one.type.coding)]
    return fillers[0] if fillers else None


def _shipments(dispenses: list[_Dispense]) -> dict[str, dict[str, Any]]:
    """By tracking number: several drugs may travel in one parcel."""
    parcels: dict[str, dict[str, Any]] = {}
    for dispense in dispenses:
        tracking = next((one for one in dispense.identifier if one.system == TRACKING and one.value), None)
        if tracking is None or dispense.status not in _ON_THE_WAY:
            continue
        shipment = {
            "trackingId": tracking.value,
            "trackingUrl": next((one.value_url for one in dispense.extension if one.url == TRACKING_URL), None),
            "carrierName": tracking.assigner.display if tracking.assigner else None,
            "status": dispense.status_reason_codeable_concept.text
            if dispense.status_reason_codeable_concept
            else dispense.status,
            "location": dispense.location.display if dispense.location else None,
            "message": dispense.note[0].text if dispense.note else None,
            "at": _moment(dispense.when_handed_over or dispense.when_prepared),
        }
        parcels.setdefault(tracking.value or "", shipment)
    return parcels


def _moment(text: str | None) -> datetime | None:
    """A FHIR dateTime; a bare date is its first moment. None for what cannot be read: the status counts without it."""
    if text is None:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        return datetime.fromisoformat(text)
    except ValueError:
        return None
