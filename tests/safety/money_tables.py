"""A row in each table of money: gateways, what they hold and told, refunds, disputes, and the books."""

from contextlib import suppress
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import UniqueViolation

from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.rows import insert_link, insert_row

# As the owner of the tables: the application's role may write none.
_SNAPSHOTS: LiteralString = """
INSERT INTO ledger_snapshots (organization_id, account_id, until, debit_cents, credit_cents)
SELECT DISTINCT ON (organization_id) organization_id, id, '2000-01-01'::date, 0, 0 FROM ledger_accounts ON CONFLICT DO NOTHING
"""
_LONG_AGO = "2020-01-01"


def fill_snapshots(owner: psycopg.Connection) -> None:
    """One for each organization that has books: of before anything was posted."""
    owner.execute(_SNAPSHOTS)


async def fill_money(services: Services, organization_id: UUID, case_id: UUID, member: UUID) -> None:
    """All of it is over, so that no job takes it up; the gateway's account is switched off."""
    here = (services, organization_id)
    account = await _account(here)
    patient = await _patient_of(here, case_id)
    await insert_link(*here, "gateway_customers", gateway_account_id=account, patient_id=patient, customer_id="cus_row")
    kept = {"customer_id": "cus_row", "method_id": "pm_row", "archived_at": _LONG_AGO}
    card = await insert_row(*here, "payment_methods", gateway_account_id=account, patient_id=patient, **kept)
    await insert_row(*here, "payin_configs", gateway_account_id=account, medium="POS", saves_method=False, shares="[]")
    agreed = {"payment_method_id": card, "gateway_account_id": account, "customer_id": "cus_row", "method_id": "pm_row"}
    agreed |= {"currency": "USD", "is_test": True, "frequency": "WEEKLY", "status": "ENDED", "timezone": "UTC"}
    cents = {"installments": 1, "installment_cents": 1, "initial_cents": 0, "starts_on": _LONG_AGO}
    plan = await insert_row(*here, "payment_plans", **agreed, **cents)
    once = {"due_on": _LONG_AGO, "due_at": _LONG_AGO, "canceled_at": _LONG_AGO, "amount_cents": 1, "agreed_cents": 1}
    await insert_row(*here, "planned_payments", plan_id=plan, number=1, **once)
    charge = await _one(
        here, "SELECT id FROM charges WHERE organization_id = %s ORDER BY id DESC LIMIT 1", organization_id
    )
    await insert_link(*here, "payment_plan_charges", plan_id=plan, charge_id=charge, position=1)
    usd = {"amount_cents": 1, "currency": "USD"}
    through = {
        "method": "GATEWAY",
        "gateway_account_id": account,
        "stage": "DONE",
        "status": "CANCELED",
        "is_test": True,
    }
    named = {"case_id": case_id, "patient_id": patient, "canceled_at": _LONG_AGO}
    payment = await insert_row(*here, "payments", **usd, **through, **named, reference_id=f"pi_{uuid4().hex}")
    of = {"payment_id": payment}
    held = {"gateway_account_id": account, "gateway_id": f"pi_{uuid4().hex}", "status": "canceled"}
    intent = await insert_row(*here, "payment_intents", **of, **usd, **held)
    told = {"status": "PAID", "amount_cents": 1, "payment_date": _LONG_AGO, "idempotency_key": f"{uuid4()}"}
    await insert_row(*here, "payment_confirmations", **of, **told)
    granted = {"granted_by_staff_id": member, "sent_by_staff_id": member, "status": "CANCELED"}
    refund = await insert_row(
        *here, "refunds", **of, **usd, **granted, intent_id=intent, gateway_id=f"re_{uuid4().hex}"
    )
    tried = {
        "kind": "REFUND",
        "refund_id": refund,
        "intent_id": intent,
        "gateway_account_id": account,
        "status": "FAILED",
    }
    await insert_row(*here, "payment_attempts", **of, **usd, **tried)
    disputed = {"gateway_account_id": account, "gateway_id": f"dp_{uuid4().hex}", "status": "WON"}
    await insert_row(*here, "disputes", **of, **usd, **disputed)
    await _fill_inbox(here, account)


async def _fill_inbox(here: tuple[Services, UUID], account: UUID) -> None:
    event = {"event_id": f"evt_{uuid4().hex}", "type": "charge.updated", "object_kind": "other", "object_id": "ch_row"}
    over = {"happened_at": _LONG_AGO, "came_by": "POLL", "status": "IGNORED", "due_at": None}
    await insert_row(*here, "gateway_events", gateway_account_id=account, **event, **over)
    found = {"balance_id": f"txn_{uuid4().hex}", "kind": "other", "problem": "Row", "resolved_at": _LONG_AGO}
    await insert_row(*here, "balance_findings", gateway_account_id=account, **found)


async def _account(here: tuple[Services, UUID]) -> UUID:
    """There is one of live money at most."""
    with suppress(UniqueViolation):
        sealed = {"secret_key_sealed": b"Row", "is_active": False}
        return await insert_row(*here, "gateway_accounts", provider="stripe", is_test=False, **sealed)
    return await _one(here, "SELECT id FROM gateway_accounts WHERE organization_id = %s AND NOT is_test", here[1])


async def _patient_of(here: tuple[Services, UUID], case_id: UUID) -> UUID:
    return await _one(here, "SELECT patient_id FROM cases WHERE id = %s", case_id)


async def _one(here: tuple[Services, UUID], statement: LiteralString, value: UUID) -> UUID:
    services, organization_id = here
    async with services.db.reading(organization_id) as conn:
        found: UUID = (await (await conn.execute(statement, (value,))).fetchall())[0][0]
    return found


async def fill_desk(here: tuple[Services, UUID], patient: UUID, charge: UUID) -> None:
    """What was paid at a desk and given back, and the credit that it came from: all of it is over."""
    cents = {"amount_cents": 1}
    over = {"currency": "USD", "is_test": True}
    paid = {
        "method": "CREDIT",
        "medium": "PATIENT_CREDIT",
        "stage": "DONE",
        "status": "REFUND",
        "deleted_at": _LONG_AGO,
    }
    payment = await insert_row(*here, "payments", **cents, **over, **paid, patient_id=patient)
    await insert_row(*here, "payment_charges", payment_id=payment, charge_id=charge, **cents)
    await insert_row(*here, "payment_changes", payment_id=payment, kind="ARCHIVED")
    refund = await insert_row(*here, "refunds", payment_id=payment, currency="USD", status="CANCELED", **cents)
    await insert_row(*here, "refund_charges", refund_id=refund, charge_id=charge, **cents)
    line = {
        "position": 2,
        "name": "Row",
        "quantity": 1,
        "unit_price_cents": 0,
        "discount_amount_cents": 0,
        "discount_percentage": 0,
        "tax_cents": 0,
        "total_cents": 0,
    }
    line_id = await insert_row(*here, "charge_lines", charge_id=charge, **line)
    await insert_link(*here, "refund_lines", refund_id=refund, line_id=line_id, quantity=1, **cents)
    whose = {"patient_id": patient, "account_patient_id": patient, "deleted_at": _LONG_AGO}
    credit = await insert_row(*here, "patient_credits", **cents, **over, **whose, spent_cents=1)
    await insert_row(*here, "credit_changes", credit_id=credit, kind="GRANT", **cents)
    await insert_row(*here, "credit_spends", credit_id=credit, payment_id=payment, **cents)


async def fill_books(here: tuple[Services, UUID]) -> None:
    """Two accounts, a posting, and what undoes it."""
    books = {"currency": "USD", "is_test": True}
    fees = {"code": "gateway-fees", "kind": "expense"}
    accounts = [await insert_row(*here, "ledger_accounts", owner_id=uuid7(), **fees, **books) for _ in range(2)]
    sides = {"debit_id": accounts[0], "credit_id": accounts[1], "amount_cents": 1}
    posting = await insert_row(*here, "ledger_postings", act="FEE", source_id=uuid7(), **sides, **books)
    undone = {"debit_id": accounts[1], "credit_id": accounts[0], "amount_cents": 1, "reverses_id": posting}
    await insert_row(*here, "ledger_postings", act="FEE", source_id=uuid7(), **undone, **books)
