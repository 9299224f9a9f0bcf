"""Lines of a journal as hledger reads it. No I/O.

test:assets:receivable:0192…        12.34 USD
"""

from collections.abc import Iterator
from datetime import UTC, date

from carelane.kit.money import decimal_string, minor_digits
from carelane.ledger.export.schemas import ExportedAccount, ExportedPosting, ExportedSide
from carelane.ledger.schemas import Kind

_PARENTS: dict[Kind, str] = {
    "asset": "assets",
    "liability": "liabilities",
    "income": "income",
    "expense": "expenses",
}
_TYPES: dict[Kind, str] = {"asset": "A", "liability": "L", "income": "R", "expense": "X"}


def account_name(side: ExportedSide | ExportedAccount, *, is_test: bool, prefix: str = "") -> str:
    """`prefix` is the organization's tenant, where a journal holds several. Whose an account is, is said by an id."""
    parts = [prefix, "test" if is_test else "", _PARENTS[side.kind], side.code, str(side.owner_id or "")]
    return ":".join(part for part in parts if part)


def commodity_line(currency: str) -> str:
    """How many decimals amounts of the currency have."""
    return f"commodity 1000.{'0' * minor_digits(currency)} {currency}"


def account_line(account: ExportedAccount, prefix: str = "") -> str:
    name = account_name(account, is_test=account.is_test, prefix=prefix)
    return f"account {name}  ; type:{_TYPES[account.kind]}"


def posting_lines(posting: ExportedPosting, prefix: str = "") -> Iterator[str]:
    """A posting as a transaction of its own: what was done to which record, and from where to where."""
    yield f"{posting.happened_at.astimezone(UTC).date()} * ({posting.id}) {posting.act} {posting.source_id}{_tags(posting)}"
    debit = account_name(posting.debit, is_test=posting.is_test, prefix=prefix)
    credit = account_name(posting.credit, is_test=posting.is_test, prefix=prefix)
    yield f"    {debit}  {_amount(posting.amount_cents, posting.currency)}"
    yield f"    {credit}  {_amount(-posting.amount_cents, posting.currency)}"
    yield ""


def opening_line(account: ExportedAccount, prefix: str = "") -> str:
    name = account_name(account, is_test=account.is_test, prefix=prefix)
    return f"    {name}  {_amount(account.opening_cents, account.currency)}"


def closing_line(account: ExportedAccount, prefix: str = "") -> str:
    """Moves nothing, and says what the account must have come to."""
    name = account_name(account, is_test=account.is_test, prefix=prefix)
    return f"    {name}  {_amount(0, account.currency)} = {_amount(account.closing_cents, account.currency)}"


def heading(day: date, text: str) -> str:
    return f"{day} * {text}"


def _tags(posting: ExportedPosting) -> str:
    named = {"charge": posting.charge_id, "reverses": posting.reverses_id}
    tags = [f"{name}:{record_id}" for name, record_id in named.items() if record_id is not None]
    return f"  ; {', '.join(tags)}" if tags else ""


def _amount(cents: int, currency: str) -> str:
    """With all decimals that the currency has."""
    return f"{decimal_string(cents, currency)} {currency}"
