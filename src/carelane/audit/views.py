"""From rows of the audit to its shape on the wire, and to CSV."""

from collections.abc import Iterable

import msgspec

from carelane.audit.queries import EntryRow
from carelane.audit.schemas import EntryOut
from carelane.web.spreadsheets import csv_lines

# What an act is done to, by how its name begins; the longest that fits.
_KINDS = {
    "ADD_CASE_": "case", "REMOVE_CASE_": "case", "CREATE_CASE": "case", "CHANGE_CASE_": "case", "DECISION_": "decision",
    "ADD_CASE_ATTACHMENT": "attachment", "DELETE_ATTACHMENT": "attachment", "ADD_CASE_DECISION": "decision", "CASE_": "case",
    "ADD_CASE_ASSIGNEE": "staff", "REMOVE_CASE_ASSIGNEE": "staff", "CASE_CLAIMED": "staff", "CASE_RELEASED": "staff",
    "ARCHIVE_CASE": "case", "REOPEN_CASE": "case", "ESCALATE_CASE": "case", "DEESCALATE_CASE": "case", "CALENDAR_": "appointment",
    "ORDER_": "order", "CALLBACK_": "callback", "PATIENT_": "patient", "QUICK_NOTE_": "patient", "CATALOG_": "catalog",
    "CART_": "cart", "QUOTE_": "quote", "CHARGE_": "charge", "TIP_": "tip", "PAYMENT_": "payment", "PAYMENT_INFO_UPDATED": "patient",
    "ADD_PAYMENT_": "payment", "PLANNED_": "payment", "CREDIT_": "credit", "RECEIPT_": "payment", "BILL_": "patient", "INVOICE_": "invoice",
    "REFUND_": "refund", "DISPUTE_": "payment", "GATEWAY_": "gateway", "MESSAGE_": "message", "ORGANIZATION_": "organization",
    "CREDENTIAL_": "credential", "STAFF_": "staff", "PHARMACY_": "pharmacy", "DRUG_": "drug", "WEBHOOK_": "webhook",
    "TEMPLATE_": "template", "MAIL_TEMPLATE_": "mail", "ADJUSTMENT_": "adjustment", "SAVED_VIEW_": "view", "ADD_FORM_": "form",
}  # fmt: skip
_COLUMNS = (
    "at", "what", "act", "actorKind", "actorId", "actorName", "actorRole", "recordKind", "recordId", "caseId", "caseShortId",
    "reason", "valueBefore", "valueAfter", "isTest", "requestId", "id",
)  # fmt: skip


def show_entry(row: EntryRow) -> EntryOut:
    values = msgspec.structs.asdict(row)
    if row.what == "ACT" and row.record_id is not None:
        values["record_kind"] = kind_of(row.act)
    return EntryOut(**values)


def kind_of(act: str) -> str | None:
    """Of the record that an act's target is."""
    fitting = [begin for begin in _KINDS if act.startswith(begin)]
    return _KINDS[max(fitting, key=len)] if fitting else None


def csv_head() -> str:
    return csv_lines([_COLUMNS])


def to_csv(entries: Iterable[EntryOut]) -> str:
    """A line for each, in the order of the columns."""
    rows: list[dict[str, object]] = [msgspec.to_builtins(entry) for entry in entries]
    return csv_lines([row[column] if row[column] is not False else "false" for column in _COLUMNS] for row in rows)
