"""The list of quotes on the wire."""

import msgspec

from carelane.kit.phi import Phi
from carelane.quotes.schemas import QuoteSummaryOut
from carelane.quotes.states import QuoteStatus

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# Far beyond any list, and still a number that the database can count to when multiplied with a page's size.
MAX_PAGE = 1_000_000_000


class QuotePageOut(Phi, msgspec.Struct, frozen=True):
    """`Page_QuoteSummary_`."""

    data: list[QuoteSummaryOut]
    total: int


class QuoteFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which quotes a list shows; None filters nothing. Ids by the names that callers use."""

    patient_id: str | None = None
    creator_id: str | None = None
    cart_id: str | None = None
    status: QuoteStatus | None = None
    page: int = 1
    size: int = PAGE_SIZE
