"""Webhook endpoints and deliveries on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.event_names import EventType
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.webhooks import signing
from carelane.webhooks.queries import Dialect, DocumentFormat, Payload
from carelane.webhooks.sending.states import DeliveryStatus

MAX_URL_CHARACTERS = 2_000
MAX_EVENTS = 100
DAY_SECONDS = 86_400
USUAL_PAGE = 50
MAX_PAGE = 100

# What an endpoint can subscribe to: everything but what happens to webhooks themselves.
SUBSCRIBABLE = tuple(name for name in get_args(EventType) if not name.startswith("WEBHOOK_"))

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Url = Annotated[str, Meta(min_length=1, max_length=MAX_URL_CHARACTERS)]
EventNames = Annotated[list[str], Meta(max_length=MAX_EVENTS, description="Empty: all events.")]
HeaderName = Annotated[
    str, Meta(max_length=signing.MAX_HEADER_CHARACTERS, description="Carries the secret itself, beside the signature.")
]
Secret = Annotated[str, Meta(min_length=16, max_length=200, pattern="^[!-~]+$")]
Status = Literal["PENDING", "DELIVERED", "FAILED", "CANCELED"]


class EndpointIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a secret, one is made."""

    name: Name
    url: Url
    events: EventNames = []
    document_format: DocumentFormat = "URL"
    payload: Payload = "FULL_CASE"
    secret: Secret | None = None
    secret_header: HeaderName | None = None

    def __repr__(self) -> str:
        return "EndpointIn(***)"


class EndpointPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays as it is. Null takes the secret's header away. With `updatedAt`, that of what was read, nothing is changed
    when it was changed since."""

    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    events: EventNames | UnsetType = UNSET
    document_format: DocumentFormat | UnsetType = UNSET
    payload: Payload | UnsetType = UNSET
    secret_header: HeaderName | UnsetType | None = UNSET
    updated_at: datetime | UnsetType = UNSET


class RotateSecretIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For `previous_valid_seconds` more, bodies are signed with the old secret too."""

    secret: Secret | None = None
    previous_valid_seconds: Annotated[int, Meta(ge=0, le=7 * DAY_SECONDS)] = DAY_SECONDS

    def __repr__(self) -> str:
        return "RotateSecretIn(***)"


class ReplayRangeIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deliveries made from `from` on and before `to`."""

    since: Annotated[datetime, Meta(tz=True)] = msgspec.field(name="from")
    until: Annotated[datetime, Meta(tz=True)] = msgspec.field(name="to")
    status: Status | None = None


class DeliveryPage(msgspec.Struct, frozen=True):
    status: str | None
    before: UUID | None
    limit: int


class DeliveryQuery(msgspec.Struct, frozen=True):
    """The query of a list of deliveries as it was sent."""

    status: str | None
    before: str | None
    limit: str | None

    def page(self) -> DeliveryPage:
        """Raises InvalidRequestError that names all that are wrong."""
        problems = []
        before, limit = self.before, self.limit
        if self.status is not None and self.status not in get_args(Status):
            problems.append(FieldProblem("status", f"expected one of {', '.join(get_args(Status))}"))
        if before is not None and parse_uuid(before) is None:
            problems.append(FieldProblem("before", "expected `next` of the page before"))
        if limit is not None and not (limit.isdecimal() and len(limit) < 10 and 1 <= int(limit) <= MAX_PAGE):
            problems.append(FieldProblem("limit", f"expected a number from 1 to {MAX_PAGE}"))
        if problems:
            raise InvalidRequestError(problems=problems)
        return DeliveryPage(self.status, parse_uuid(before) if before else None, int(limit) if limit else USUAL_PAGE)


class EndpointOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    url: str
    events: list[str]
    document_format: str
    payload: str
    previous_secret_ends_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    first_failed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    secret_header: str | None
    # BILLING: a listener, whose storefront says what it is told: `subscriptions`, in the billing dialect's words.
    dialect: Dialect
    subscriptions: list[str]


class EndpointSecretOut(EndpointOut, rename="camel", frozen=True, kw_only=True):
    """`secret` is shown this once."""

    secret: str

    def __repr__(self) -> str:
        return "EndpointSecretOut(***)"


class EndpointsOut(msgspec.Struct, rename="camel", frozen=True):
    endpoints: list[EndpointOut]


class DeliveryOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`event` is the name, `event_id` what the receiver got as `webhook-id`."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event: str
    case_id: UUID | None
    sequence: int | None
    status: DeliveryStatus
    replay_of_id: UUID | None
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class AttemptOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    number: int
    http_status: int | None
    failure: str | None
    duration_milliseconds: int
    created_at: datetime


class AnsweredOut(Phi, AttemptOut, rename="camel", frozen=True, kw_only=True):
    """`answer` is how what the receiver said begins, at most 1,000 characters; null: nothing, or before it was kept."""

    answer: str | None
    is_answer_cut: bool


class ContentsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`body` is what would be sent now, written from the records as they are; null, with `is_damaged`, when it cannot be written.
    `links_documents`: they are sent within the body, and only linked here."""

    body: dict[str, Any] | None
    is_damaged: bool
    links_documents: bool
    attempts: list[AnsweredOut]


class DeliveriesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The newest first. `next` is the `before` of the next page, null on the last."""

    deliveries: list[DeliveryOut]
    next: UUID | None


class DeliveryDetailOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    delivery: DeliveryOut
    attempts: list[AttemptOut]


class ReplayedOut(msgspec.Struct, frozen=True):
    """How many deliveries were made anew."""

    replayed: int


def broken_rules(body: EndpointIn | EndpointPatch) -> Iterator[FieldProblem]:
    """What no type says: names of events, and the secret's own form."""
    for position, name in enumerate(body.events or ()):
        if name not in SUBSCRIBABLE:
            yield FieldProblem(f"events[{position}]", f"expected one of {', '.join(SUBSCRIBABLE)}")
    if isinstance(body.secret_header, str):
        yield from signing.header_problems("secretHeader", body.secret_header)
    if isinstance(body, EndpointIn):
        yield from secret_problems(body.secret)


def secret_problems(secret: str | None) -> Iterator[FieldProblem]:
    try:
        signing.standard_key(secret or "")
    except ValueError:
        yield FieldProblem("secret", f"expected base64 after {signing.PREFIX}")
