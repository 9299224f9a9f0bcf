"""`check_money`: everything that must hold of an organization's money, and what breaks it."""

from collections.abc import Callable
from uuid import UUID

from carelane.kit.auth import Actor
from carelane.payments.accounts.queries import list_accounts
from carelane.payments.invariants import queries
from carelane.payments.invariants.gateways.reads import compare_account
from carelane.payments.invariants.queries import CHECKS
from carelane.payments.invariants.schemas import Finding, Progress
from carelane.permissions import PAYMENTS_READ, requires
from carelane.services import Services

# Records that one statement looks at.
PAGE = 1_000
# What is wrong with more than these is wrong with all of them: nobody reads further.
MOST_FINDINGS = 1_000
_FIRST = UUID(int=0)
_NAMES = {
    "ledger_postings": "postings",
    "ledger_accounts": "accounts",
    "patient_credits": "credits",
    "payment_plans": "plans",
}

Told = Callable[[Progress], None]


def _nobody(_progress: Progress) -> None:
    """Nobody is told how far it is."""


@requires(PAYMENTS_READ)
async def check_money(
    services: Services, actor: Actor, *, asks_gateways: bool = True, told: Told = _nobody
) -> list[Finding]:
    """What breaks an invariant of the organization's money: an empty list when nothing does, MOST_FINDINGS at most.

    With `asks_gateways` each account is compared with its gateway's own list too. Raises GatewayError.
    """
    organization_id = actor.organization_id
    findings: list[Finding] = []
    for table in CHECKS:
        findings += await _check_table(services, organization_id, table, told, MOST_FINDINGS - len(findings))
    async with services.db.reading(organization_id) as conn:
        findings += await queries.list_wrong_snapshots(conn, organization_id)
        accounts = await list_accounts(conn, organization_id)
    for number, account in enumerate(accounts if asks_gateways else [], start=1):
        findings += await compare_account(services, actor, account.id)
        told(Progress(what="gateway accounts", done=number, of=len(accounts)))
    return findings[:MOST_FINDINGS]


async def _check_table(services: Services, organization_id: UUID, table: str, told: Told, most: int) -> list[Finding]:
    """Page by page, until `most` are found."""
    findings: list[Finding] = []
    async with services.db.reading(organization_id) as conn:
        count = await queries.count_records(conn, organization_id, table)
    after, done = _FIRST, 0
    while len(findings) < most:
        async with services.db.reading(organization_id) as conn:
            last = await queries.find_page_end(conn, organization_id, table, after, PAGE)
            if last is None:
                break
            for check in CHECKS[table]:
                findings += await queries.list_wrong(conn, organization_id, check, after, last)
        after, done = last, min(done + PAGE, count)
        told(Progress(what=_NAMES.get(table, table), done=done, of=count))
    return findings
