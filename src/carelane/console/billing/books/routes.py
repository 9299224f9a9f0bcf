"""`/console/billing/ledger` and `/console/billing/books`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.console.billing import views as common
from carelane.console.billing.states import ACCOUNTS, ACTS
from carelane.console.billing.views import PAGE_SIZE, PATH, Filter, choice, days, frame_of, one_of, span_of
from carelane.console.filters import filters_of
from carelane.console.frame import page
from carelane.kit.languages import _
from carelane.payments.books import reads
from carelane.payments.books.schemas import PostingFilter
from carelane.payments.reconciling.reads import list_findings
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import read_place
from carelane.web.routes import ActorRequest
from carelane.web.wire import uuid_string

routes = PageRoutes()

After = Annotated[str | None, QueryParameter(description="Where the page before ended")]
_SOURCES = {"charge": f"{PATH}/charges", "payment": "/console/payments", "patient": f"{PATH}/patients"}


@routes.get(f"{PATH}/ledger")
async def get_ledger(request: ActorRequest, services: NamedDependency[Services], after: After = None) -> Response[Any]:
    """Every posting, newest first."""
    asked = filters_of(request, "account", "charge", "from", "until")
    span, place = span_of(asked), read_place("after", after)
    wanted = PostingFilter(
        account=one_of(asked, "account", ACCOUNTS),
        charge_id=uuid_string("charge", asked.get("charge")),
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        after=place,
    )
    found = await reads.list_postings(services, request.auth, wanted, PAGE_SIZE)
    fields = [
        choice(asked, "account", _("Account"), ACCOUNTS, _("any account")),
        Filter(name="charge", label=_("Id of a charge"), value=asked.get("charge", "")),
        *days(asked),
    ]
    back, onward = common.after(f"{PATH}/ledger", asked, found.next, is_first=place is None)
    values = frame_of(request.auth, "ledger", fields, asked) | {
        "postings": found.postings,
        "acts": ACTS,
        "accounts": ACCOUNTS,
        "sources": _SOURCES,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/ledger.html", values, here="billing")


@routes.get(f"{PATH}/books")
async def get_books(request: ActorRequest, services: NamedDependency[Services], after: After = None) -> Response[Any]:
    """What the accounts came to, and what of the gateway's list is not explained."""
    filters_of(request)
    books = await reads.get_books(services, request.auth)
    found = await list_findings(services, request.auth, False, after, PAGE_SIZE)
    values = frame_of(request.auth, "books") | {
        "books": books,
        "findings": found.findings,
        "accounts": ACCOUNTS,
        "onward": f"{PATH}/books?after={found.next}" if found.next else None,
        "back": f"{PATH}/books" if after else None,
    }
    return await page(request, services, "billing/books.html", values, here="billing")
