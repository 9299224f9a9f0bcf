"""Search on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.cases.states import CaseStatus
from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus

Kind = Literal["patient", "case", "order"]
KINDS: tuple[Kind, ...] = ("patient", "case", "order")

MAX_QUERY_CHARACTERS = 200
MAX_LIMIT = 50


class SearchQuery(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`kinds` None: all that the member may see."""

    text: str
    kinds: frozenset[Kind] | None = None
    limit: int = 20


class FoundPatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`reference` is the storefront's id, if it gave one. A record that was merged is found as the one that stayed."""

    id: UUID
    reference: str | None
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    email: str | None
    phone_number: str | None
    state: str | None
    is_archived: bool


class FoundCaseOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The patient's name is the one that the case was sent with."""

    id: UUID
    short_id: str
    status: CaseStatus
    first_name: str | None
    last_name: str | None
    is_archived: bool
    is_test: bool
    created_at: datetime


class FoundOrderOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """No health information: neither whose order it is nor what is in it."""

    id: UUID
    status: OrderStatus
    case_short_id: str
    pharmacy_name: str | None
    pharmacy_order_id: str | None
    tracking_id: str | None
    is_test: bool
    created_at: datetime


class ExactOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The one record whose id was asked for. Of a case `name` is its short id, else the id."""

    kind: Kind
    id: UUID
    name: str


class SearchOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The best first, of each kind at most `limit`. `hasMore`: of a kind there are more, so more letters would help. `isRecent`:
    nothing was asked for, and these are what the member looked at last."""

    exact: ExactOut | None
    patients: list[FoundPatientOut]
    cases: list[FoundCaseOut]
    orders: list[FoundOrderOut]
    has_more: bool
    is_recent: bool
