"""States of money as shapes and words, and the ledger's words as people say them."""

from carelane.bills.invoices.schemas import InvoiceSetStatus, InvoiceStatus
from carelane.carts.offers.schemas import QuoteStatus
from carelane.charges.money.schemas import PaymentStatus
from carelane.charges.schemas import EntryType
from carelane.console.patients.states import Shown
from carelane.kit.languages import N_
from carelane.ledger.schemas import Act, Code
from carelane.payments.credits.schemas import CreditStanding
from carelane.payments.disputes.schemas import DisputeStatus
from carelane.payments.states import RefundStatus

PAYMENT_STATES: dict[PaymentStatus, Shown] = {
    "SUCCEEDED": Shown("good", "s-yes", N_("Paid")),
    "CREATED": Shown("", "s-open", N_("Promised")),
    "PROCESSING": Shown("live", "s-progress", N_("Being taken")),
    "PRESENTING": Shown("live", "s-wait", N_("Waiting for the patient")),
    "IN_REVIEW": Shown("warn", "s-hour", N_("Needs somebody")),
    "FAILED": Shown("problem", "s-warn", N_("Failed")),
    "CANCELED": Shown("calm", "s-none", N_("Canceled")),
}
REFUND_STATES: dict[RefundStatus, Shown] = {
    "GRANTED": Shown("warn", "s-hour", N_("Granted, not sent")),
    "SENDING": Shown("live", "s-progress", N_("Being sent")),
    "SENT": Shown("live", "s-send", N_("Sent")),
    "SUCCEEDED": Shown("good", "s-yes", N_("Given back")),
    "FAILED": Shown("problem", "s-warn", N_("Failed")),
    "CANCELED": Shown("calm", "s-none", N_("Taken back")),
}
DISPUTE_STATES: dict[DisputeStatus, Shown] = {
    "OPEN": Shown("problem", "s-warn", N_("Open")),
    "WON": Shown("good", "s-yes", N_("Won")),
    "LOST": Shown("calm", "s-none", N_("Lost")),
}
QUOTE_STATES: dict[QuoteStatus, Shown] = {
    "DRAFT": Shown("", "s-open", N_("Draft")),
    "SENT": Shown("live", "s-send", N_("Sent")),
    "VIEWED": Shown("live", "s-progress", N_("Seen by the patient")),
    "ACCEPTED": Shown("good", "s-yes", N_("Accepted")),
    "DECLINED": Shown("problem", "s-no", N_("Declined")),
    "EXPIRED": Shown("calm", "s-later", N_("Ran out")),
    "CONVERTED": Shown("good", "s-yes", N_("Charged")),
}
INVOICE_STATES: dict[InvoiceSetStatus, Shown] = {
    "ACTIVE": Shown("live", "s-wait", N_("Waiting to be paid")),
    "FAILED": Shown("problem", "s-warn", N_("Did not arrive")),
    "PAID": Shown("good", "s-yes", N_("Paid")),
    "CANCELLED": Shown("calm", "s-none", N_("Nothing owed any more")),
}
# Of its message.
INVOICE_MESSAGES: dict[InvoiceStatus, str] = {
    "PENDING": N_("on its way"),
    "SENT": N_("sent"),
    "FAILED": N_("not sent"),
    "CANCELLED": N_("not sent any more"),
}
CREDIT_STANDINGS: dict[CreditStanding, str] = {
    "LEFT": N_("Can be spent"),
    "EXPIRED": N_("Ran out"),
    "USED": N_("Used up"),
}
MEDIUMS: dict[str, str] = {
    "CASH": N_("Cash"),
    "CHECK": N_("Check"),
    "CARE_CREDIT": N_("CareCredit"),
    "CARD": N_("Card"),
    "SAVED_PAYMENT_METHOD": N_("Saved card"),
    "PATIENT_CREDIT": N_("Credit"),
    "PAYMENT_PLAN": N_("Plan"),
    "EXTERNAL": N_("Elsewhere"),
}
ENTRIES: dict[EntryType, str] = {
    "CHARGE": N_("Charged"),
    "PAYMENT": N_("Payment"),
    "REFUND": N_("Given back"),
    "VOID": N_("Voided"),
    "ADJUSTMENT": N_("Adjusted"),
    "EXTERNAL_SETTLEMENT": N_("Paid elsewhere"),
    "WRITE_OFF": N_("Written off"),
    "SCHEDULED_PAYMENT": N_("Instalment"),
    "FAILED_PAYMENT": N_("Payment failed"),
}
ACTS: dict[Act, str] = {
    "CHARGE": N_("Charged"),
    "VOID": N_("Charge voided"),
    "WRITE_OFF": N_("Written off"),
    "ADJUSTMENT": N_("Adjusted"),
    "TIP": N_("Tip"),
    "ADJUSTMENT_VOIDED": N_("Adjustment voided"),
    "CAPTURE": N_("Card charged"),
    "FEE": N_("Gateway's fee"),
    "APPLY_CREDIT": N_("Paid from credit"),
    "EXTERNAL": N_("Paid elsewhere"),
    "EXTERNAL_RETURNED": N_("Payment elsewhere taken back"),
    "CASH": N_("Paid in cash"),
    "ARCHIVE": N_("Payment archived"),
    "MEDIUM": N_("Came another way"),
    "GRANT": N_("Credit given"),
    "REFUND": N_("Given back"),
    "REFUND_FAILED": N_("Refund failed"),
    "DISPUTE": N_("Disputed"),
    "DISPUTE_FEE": N_("Fee of the dispute"),
    "DISPUTE_WON": N_("Dispute won"),
    "DISPUTE_LOST": N_("Dispute lost"),
}
ACCOUNTS: dict[Code, str] = {
    "receivable": N_("Owed by patients"),
    "credit": N_("Patients' credit"),
    "gateway": N_("At the gateway"),
    "gateway-fees": N_("Gateway's fees"),
    "revenue": N_("Sold"),
    "tax": N_("Tax"),
    "discounts": N_("Discounts"),
    "disputes": N_("In dispute"),
    "write-offs": N_("Written off"),
    "cash": N_("Cash"),
    "external": N_("Paid elsewhere"),
    "tips": N_("Tips"),
}
