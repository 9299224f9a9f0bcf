"""The books added up by hledger, beside what the gateway's own lists say that they must come to."""

from collections import Counter
from decimal import Decimal

from carelane.ledger.export.reads import journal_lines
from carelane.ledger.export.schemas import Span
from tests.ledger import hledger
from tests.payments.world import Till

CHARGES = "SELECT coalesce(sum(outstanding_cents), 0)::bigint, coalesce(sum(total_cents), 0)::bigint FROM charges WHERE status <> 'VOID'"


async def journal_of(till: Till) -> str:
    lines = journal_lines(till.services, till.organization_id, till.clinic.tenant, Span())
    return "".join([f"{text}\n" async for text in lines])


def by_gateway(till: Till) -> dict[str, int]:
    """What the gateway says of its own balance, and of disputes."""
    lines = till.bank.objects("balance_transaction", till.key)
    disputes: Counter[str] = Counter()
    for one in till.bank.objects("dispute", till.key):
        disputes[one["status"]] += one["amount"]
    return {
        "gateway": sum(one["net"] for one in lines),
        "gateway-fees": sum(one["fee"] for one in lines),
        "disputes": disputes["needs_response"],
        "write-offs": disputes["lost"],
    }


async def differences(till: Till) -> dict[str, tuple[Decimal, Decimal]]:
    """By hledger, and as it must be; of a clinic that sells without tax or discount and has charged all that it took."""
    journal = await journal_of(till)
    hledger.check(journal)
    [(outstanding, total)] = await till.ask(CHARGES)
    refunded = sum(one["amount"] for one in till.refunds() if one["status"] == "succeeded")
    cents = by_gateway(till) | {"receivable": outstanding, "revenue": refunded - total, "credit": 0}
    wanted = {code: Decimal(each) / 100 for code, each in cents.items()}
    found = hledger.dollars_by_code(journal)
    codes = wanted.keys() | found.keys()
    pairs = {code: (found.get(code, Decimal(0)), wanted.get(code, Decimal(0))) for code in codes}
    return {code: pair for code, pair in pairs.items() if pair[0] != pair[1]}
