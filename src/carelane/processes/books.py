"""`carelane ledger export` and `carelane ledger balance`: the books of one organization, or of all, as a journal and in short."""

import json
from collections.abc import Callable, Iterator
from itertools import groupby

import msgspec

from carelane.kit.errors import MendableError
from carelane.kit.money import decimal_string
from carelane.ledger.export.reads import journal_lines
from carelane.ledger.export.schemas import ExportedSide, Span
from carelane.ledger.export.views import account_name
from carelane.ledger.reads import trial_balance
from carelane.ledger.schemas import KIND_OF, Balance
from carelane.processes.reconcile import named_organizations
from carelane.services import Services


async def export(services: Services, tenant: str | None, span: Span, write: Callable[[str], object]) -> None:
    """Writes line by line. Of all organizations, accounts begin with the tenant. Raises MendableError."""
    if span.from_day and span.until_day and span.until_day <= span.from_day:
        raise MendableError("--until: expected a day after --from")
    for organization_id, name in await named_organizations(services, tenant):
        prefix = name if tenant is None else ""
        async for line in journal_lines(services, organization_id, name, span, prefix=prefix):
            write(f"{line}\n")


_TITLES = ("debit", "credit", "balance")


class BookLine(msgspec.Struct, frozen=True):
    """An account as the journal calls it. `balance` is debits less credits; all three are decimal strings."""

    account: str
    debit: str
    credit: str
    balance: str


class Book(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One set of books: of an organization, in a currency, of test money or of live money. The last line is the total, whose balance is
    zero."""

    tenant: str
    is_test: bool
    currency: str
    lines: list[BookLine]


async def balance(services: Services, tenant: str | None) -> list[Book]:
    """Those that anything was posted to. Raises MendableError."""
    books = []
    for organization_id, name in await named_organizations(services, tenant):
        async with services.db.reading(organization_id) as conn:
            balances = await trial_balance(conn, organization_id)
        books += list(_books(name, balances))
    return books


def book_lines(books: list[Book], *, as_json: bool) -> Iterator[str]:
    """For people a table for each set of books; for programs one JSON object."""
    if as_json:
        yield json.dumps({"books": msgspec.to_builtins(books)}, indent=2)
        return
    for book in books:
        titles = BookLine(f"{book.tenant}, {'test' if book.is_test else 'live'} money, {book.currency}", *_TITLES)
        yield from (
            f"{line.account:<64}{line.debit:>14}{line.credit:>14}{line.balance:>14}" for line in [titles, *book.lines]
        )
        yield ""


def _books(tenant: str, balances: list[Balance]) -> Iterator[Book]:
    def book_of(balance: Balance) -> tuple[bool, str]:
        return bool(balance.books.is_test), balance.books.currency

    for (is_test, currency), found in groupby(sorted(balances, key=book_of), key=book_of):
        accounts = list(found)
        lines = [_line(_name(account), account.debit_cents, account.credit_cents, currency) for account in accounts]
        debit_cents, credit_cents = sum(one.debit_cents for one in accounts), sum(one.credit_cents for one in accounts)
        lines = [*sorted(lines, key=lambda line: line.account), _line("total", debit_cents, credit_cents, currency)]
        yield Book(tenant=tenant, is_test=is_test, currency=currency, lines=lines)


def _name(balance: Balance) -> str:
    code = balance.account.code
    side = ExportedSide(code, KIND_OF[code], balance.account.owner_id)
    return account_name(side, is_test=bool(balance.books.is_test))


def _line(account: str, debit_cents: int, credit_cents: int, currency: str) -> BookLine:
    cents = (debit_cents, credit_cents, debit_cents - credit_cents)
    return BookLine(account, *(decimal_string(each, currency) for each in cents))
