"""Each line of the gateway's balance against the ledger: what differs is a finding until it matches."""

from datetime import timedelta

import psycopg
import pytest

from carelane.kit import clock
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.payments.gateways.protocol import BalanceLine
from carelane.payments.reconciling.actions import compare_balance, difference
from carelane.payments.reconciling.queries import Compared

OPEN = "SELECT kind, problem FROM balance_findings WHERE resolved_at IS NULL ORDER BY kind"
URL = "/api/staff/payments/findings"


async def compare(till):
    return await compare_balance(till.services, till.actor, till.account_id, clock.now() + timedelta(minutes=5))


async def shown(till, **params):
    answer = await till.http.get(URL, params=params, headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["findings"]


async def test_all_kinds_of_lines_match(till):
    paid = await till.paid()
    await till.refund(paid, 4_000)
    await till.run(paid)
    for outcome in ("won", "lost"):
        disputed = await till.paid()
        dispute = till.bank.dispute(till.intents(disputed)[0]["id"])
        await till.hear(disputed, await (await till.gateway()).fetch_dispute(dispute["id"]))
        assert await compare(till) == 0
        till.bank.close_dispute(dispute["id"], outcome)
        await till.hear(disputed, await (await till.gateway()).fetch_dispute(dispute["id"]))
    till.intent(1_234)
    assert len(till.bank.objects("balance_transaction", till.key)) >= 7
    assert await compare(till) == 0
    assert await till.ask("SELECT count(*) FROM balance_findings") == [(0,)]
    ((until,),) = await till.ask("SELECT balance_read_at FROM gateway_accounts")
    assert until > clock.now()


async def test_what_the_gateway_moved_and_the_ledger_does_not_know_is_a_finding_until_it_does(quiet):
    paid = await quiet.paid()
    intent_id = quiet.intents(paid)[0]["id"]
    refund = quiet.stripe.v1.refunds.create({"payment_intent": intent_id, "amount": 700})
    assert await compare(quiet) == 1
    assert await quiet.ask(OPEN) == [("refund", "the gateway says -700 USD, the ledger 0")]
    (finding,) = await shown(quiet)
    assert (finding["kind"], finding["isTest"], finding["resolvedAt"]) == ("refund", True, None)
    # Found again, it is still one.
    assert await compare(quiet) == 1
    assert [each["id"] for each in await shown(quiet)] == [finding["id"]]
    await quiet.hear(paid, await (await quiet.gateway()).fetch_refund(refund.id))
    assert await compare(quiet) == 0
    assert await shown(quiet) == []
    (resolved,) = await shown(quiet, isResolved=True)
    assert resolved["id"] == finding["id"]
    assert resolved["resolvedAt"] is not None


async def test_a_cent_in_the_ledger_is_a_finding(quiet, counter):
    await quiet.paid()
    with psycopg.connect(EmbeddedPostgres(counter.data_dir).owner_url) as conn:
        for act, cents in (("CAPTURE", 1), ("FEE", -1)):
            change = (
                "UPDATE ledger_postings SET amount_cents = amount_cents + %s WHERE organization_id = %s AND act = %s"
            )
            conn.execute(change, (cents, quiet.organization_id, act))
            conn.commit()
            assert await compare(quiet) == 1
            conn.execute(change, (-cents, quiet.organization_id, act))
            conn.commit()
            assert await compare(quiet) == 0


async def test_money_of_ours_whose_intent_is_not_recorded_is_a_finding(quiet, counter):
    intent_id = quiet.intent()
    payment = await quiet.case(intent_id)
    # Nobody else may remove one.
    with psycopg.connect(EmbeddedPostgres(counter.data_dir).owner_url) as conn:
        conn.execute("DELETE FROM payment_intents WHERE payment_id = %s", (payment.id,))
    assert await compare(quiet) == 1
    assert (await quiet.ask(OPEN))[0][1] == "the payment is here, and its intent is not recorded"


def line(kind, amount_cents, fee_cents=0):
    return BalanceLine(
        id="txn_1", kind=kind, amount_cents=amount_cents, fee_cents=fee_cents, net_cents=amount_cents - fee_cents,
        currency="USD", intent_id=None, refund_id=None, dispute_id=None, happened_at=clock.now(),
    )  # fmt: skip


def known(amount_cents, fee_cents=0):
    return Compared(id="txn_1", is_ours=True, currency="USD", amount_cents=amount_cents, fee_cents=fee_cents)


@pytest.mark.parametrize(
    ("said", "recorded", "is_right"),
    [
        (line("charge", 100, 3), known(100, 3), True),
        (line("charge", 100, 3), known(100, 2), False),
        (line("charge", 100, 3), known(97, 3), False),
        (line("refund", -100), known(-100), True),
        (line("refund", -100), known(100), False),
        (line("dispute", -100, 15), known(-100, 15), True),
        (line("dispute", -100, 15), known(-115), False),
        # What comes back of a dispute that was won: with the fee, or without.
        (line("dispute", 100, -15), known(115), True),
        (line("dispute", 100), known(100), True),
        (line("dispute", 100), known(115), False),
    ],
)
def test_amount_and_fee_are_compared_each(said, recorded, is_right):
    assert (difference(said, recorded) is None) == is_right


async def test_who_may_see_findings(quiet, till):
    assert (await quiet.http.get(URL)).status_code == 401
    assert (await quiet.http.get(URL, headers={"Authorization": "Bearer cvs_wrong"})).status_code == 401
    await quiet.paid()
    async with quiet.services.db.transaction(quiet.actor) as conn:
        await conn.execute(
            "INSERT INTO balance_findings (organization_id, id, gateway_account_id, balance_id, kind, problem)"
            " VALUES (%s, gen_random_uuid(), %s, 'txn_theirs', 'charge', 'made up')",
            (quiet.organization_id, quiet.account_id),
        )
    assert [each["balanceId"] for each in await shown(quiet)] == ["txn_theirs"]
    assert await shown(till) == []
    for query in ("after=nobody", "limit=0", "limit=101", "isResolved=perhaps"):
        answer = await quiet.http.get(f"{URL}?{query}", headers=quiet.manager.headers)
        assert answer.status_code == 400, query


async def test_pages_of_findings(quiet):
    async with quiet.services.db.transaction(quiet.actor) as conn:
        for number in range(5):
            await conn.execute(
                "INSERT INTO balance_findings (organization_id, id, gateway_account_id, balance_id, kind, problem)"
                " VALUES (%s, %s, %s, %s, 'charge', 'made up')",
                (
                    quiet.organization_id,
                    f"0197e7f0-0000-7000-8000-00000000000{number}",
                    quiet.account_id,
                    f"txn_{number}",
                ),
            )
    found, after = [], None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        answer = (await quiet.http.get(URL, params=params, headers=quiet.manager.headers)).json()
        found += [each["balanceId"] for each in answer["findings"]]
        after = answer["next"]
        if after is None:
            break
    assert found == ["txn_4", "txn_3", "txn_2", "txn_1", "txn_0"]
