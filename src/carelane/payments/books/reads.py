"""Reads of the books. They name no patient."""

from carelane.kit.auth import Actor
from carelane.ledger.queries import list_balances_of
from carelane.ledger.schemas import KIND_OF, Code
from carelane.payments.books import queries, views
from carelane.payments.books.schemas import BooksOut, ComparedBooksOut, PostingFilter, PostingPageOut
from carelane.permissions import PAYMENTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Place

# Counting goes no further.
MOST_COUNTED = 1_000
# Every patient has one of each: what they come to follows from the others.
OF_PATIENTS: frozenset[Code] = frozenset({"receivable", "credit"})
_OTHERS: list[Code] = [code for code in KIND_OF if code not in OF_PATIENTS]


@requires(PAYMENTS_READ)
async def list_postings(services: Services, actor: Actor, wanted: PostingFilter, limit: int) -> PostingPageOut:
    """Newest first."""
    organization_id, accounts = actor.organization_id, None
    async with services.db.reading(organization_id) as conn:
        if wanted.account is not None:
            accounts = await queries.find_accounts(conn, organization_id, wanted.account)
        found = await queries.list_postings(conn, organization_id, wanted, limit + 1, accounts)
    shown = found[:limit]
    onward = Place(shown[-1].happened_at, shown[-1].id).text if len(found) > limit else None
    return PostingPageOut(postings=[views.show_posting(row) for row in shown], next=onward)


@requires(PAYMENTS_READ)
async def get_books(services: Services, actor: Actor) -> BooksOut:
    """What the accounts came to, and whether the gateways' own lists say the same."""
    async with services.db.reading(actor.organization_id) as conn:
        balances = await list_balances_of(conn, actor.organization_id, _OTHERS)
        gateways = await queries.list_gateways(conn, actor.organization_id)
        differences = await queries.count_findings(conn, actor.organization_id, MOST_COUNTED)
    return BooksOut(
        accounts=views.show_books(balances),
        patients=views.show_owed(balances),
        gateways=[
            ComparedBooksOut(
                provider=row.provider, is_test=row.is_test, is_active=row.is_active, compared_until=row.compared_until
            )
            for row in gateways
        ],
        differences=differences,
    )


@requires(PAYMENTS_READ)
async def count_differences(services: Services, actor: Actor) -> int:
    """No more than MOST_COUNTED are counted."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_findings(conn, actor.organization_id, MOST_COUNTED)
