"""What a kind of record says of itself, so that its pages are those of every kind."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, Protocol, TypeVar

import msgspec

from carelane.catalog.desk.schemas import PartsOut
from carelane.console.catalog.views import Kind, Row, fields_of
from carelane.console.forms import Filled
from carelane.kit.auth import Actor
from carelane.services import Services
from carelane.web.idempotency import RequestKey
from carelane.web.paging import Wanted


class Found(Protocol):
    """A page of a list."""

    @property
    def total(self) -> int: ...


FoundT = TypeVar("FoundT", bound=Found)
RecordT = TypeVar("RecordT", bound=msgspec.Struct)
BodyT = TypeVar("BodyT", bound=msgspec.Struct)


class Listing(msgspec.Struct, Generic[FoundT, RecordT], frozen=True, kw_only=True):
    """How the records of a kind are listed."""

    kind: Kind
    list_records: Callable[[Services, Actor, Wanted], Awaitable[FoundT]]
    # Those in its answer.
    records: Callable[[FoundT], list[RecordT]]
    # Between the name and the state.
    columns: Callable[[], list[tuple[str, str]]]
    row: Callable[[RecordT], Row]


def _as_it_is(record: msgspec.Struct, _sent: Filled) -> Filled:
    return fields_of(record)


def _nothing(_form: Filled, _record: object) -> Mapping[str, object]:
    return {}


class Keeper(Listing[FoundT, RecordT], Generic[FoundT, RecordT, BodyT], frozen=True, kw_only=True):
    """How the records of a kind are made and changed, too."""

    # What its id is called in addresses.
    ref: str
    get_record: Callable[[Services, Actor, str], Awaitable[RecordT]]
    create_record: Callable[[Services, Actor, BodyT, RequestKey | None], Awaitable[RecordT]]
    change_record: Callable[[Services, Actor, str, BodyT, RequestKey | None], Awaitable[RecordT]]
    # What a form is read as; which of it are boxes; what is made of its fields otherwise than by their names.
    body: type[BodyT]
    boxes: tuple[str, ...]
    more: Callable[[Filled, RecordT | None], Mapping[str, object]] = _nothing
    begins_with: Mapping[str, object]
    # The form that makes the record. The one that was sent, which may be empty, can say how that is written.
    form_of: Callable[[RecordT, Filled], Filled] = _as_it_is
    # What the fields are called whose changes are told.
    names: Mapping[str, str]
    # The fields that pick from the catalog, and what its page shows beside the form; None where nothing is picked.
    picks: tuple[str, ...] = ()
    values: Callable[[RecordT | None, Filled, PartsOut], Mapping[str, object]] | None = None
