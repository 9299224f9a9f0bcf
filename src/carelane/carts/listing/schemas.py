"""What lists of carts may be asked for."""

from typing import Literal
from uuid import UUID

import msgspec

from carelane.carts.states import CartStatus
from carelane.kit.phi import Phi
from carelane.web.paging import Direction

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# The list that knows no pages ends here.
MAX_LISTED = 1_000

SortBy = Literal[
    "created_date",
    "updated_date",
    "expires_date",
    "total",
    "status",
    "createdDate",
    "updatedDate",
    "expiresDate",
]


class CartFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is."""

    patient_id: UUID | None = None
    creator_id: UUID | None = None
    statuses: tuple[CartStatus, ...] | None = None
    sort_by: SortBy = "created_date"
    sort_direction: Direction = "desc"
    limit: int = MAX_LISTED
    offset: int = 0


class Search(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A text somebody looks for: `pattern` for names, the id a record of that name would have, the statuses that have it."""

    pattern: str
    named_id: UUID
    statuses: tuple[CartStatus, ...]
