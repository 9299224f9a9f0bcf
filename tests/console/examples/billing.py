"""The clinic's money."""

from carelane.permissions import BILLING_READ, BILLING_WRITE, PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_WRITE
from tests.console.examples.shapes import FormExample, PageExample

_BILLING = "/console/billing"
_CHARGE = f"{_BILLING}/charges/{{charge_id}}"
_CART = f"{_BILLING}/carts/{{cart_id}}"
_QUOTE = f"{_BILLING}/quotes/{{quote_id}}"
_PATIENT = f"{_BILLING}/patients/{{patient_id}}"
_SEEN = {"seen": "OUTSTANDING.15900.15900.USD"}

PAGES: dict[str, PageExample] = {
    _BILLING: PageExample(needs=PAYMENTS_READ, statements=10),
    f"{_BILLING}/charges": PageExample(needs=BILLING_READ, statements=9),
    _CHARGE: PageExample(needs=BILLING_READ, statements=8),
    f"{_PATIENT}/plan": PageExample(needs=BILLING_WRITE, statements=22),
    f"{_CHARGE}/plan": PageExample(
        needs=BILLING_WRITE, statements=17, query="installments=3&frequency=MONTHLY&methodId={method_id}"
    ),
    f"{_BILLING}/payments": PageExample(needs=BILLING_READ, statements=9),
    f"{_BILLING}/refunds": PageExample(needs=PAYMENTS_READ, statements=6),
    f"{_BILLING}/invoices": PageExample(needs=BILLING_READ, statements=8),
    f"{_BILLING}/credit": PageExample(needs=BILLING_READ, statements=7),
    f"{_BILLING}/disputes": PageExample(needs=PAYMENTS_READ, statements=6),
    f"{_BILLING}/disputes/{{dispute_id}}": PageExample(needs=BILLING_READ, statements=8),
    f"{_BILLING}/ledger": PageExample(needs=PAYMENTS_READ, statements=6),
    f"{_BILLING}/books": PageExample(needs=PAYMENTS_READ, statements=9),
    f"{_BILLING}/exports": PageExample(needs=BILLING_READ, statements=6),
    f"{_BILLING}/exports/file": PageExample(needs=BILLING_READ, statements=3, query="kind=payments", kind="file"),
    f"{_BILLING}/carts": PageExample(needs=BILLING_READ, statements=9),
    _CART: PageExample(needs=BILLING_READ, statements=12, query="q=Tab"),
    f"{_BILLING}/quotes": PageExample(needs=BILLING_READ, statements=9),
    _QUOTE: PageExample(needs=BILLING_READ, statements=8),
    f"{_QUOTE}/edit": PageExample(needs=BILLING_WRITE, statements=12, query="q=Tab"),
    _PATIENT: PageExample(needs=BILLING_READ, statements=22),
}

FORMS: dict[str, FormExample] = {
    f"{_CHARGE}/adjust": FormExample(
        needs=PAYMENTS_WRITE,
        fields=_SEEN | {"adjust-way": "less", "adjust-amount": "1.00", "adjust-reason": "The wait was long."},
    ),
    f"{_CHARGE}/void": FormExample(
        needs=PAYMENTS_WRITE, fields=_SEEN | {"void-again": "159.00", "void-reason": "Sold twice."}
    ),
    f"{_CHARGE}/write-off": FormExample(
        needs=PAYMENTS_WRITE, fields=_SEEN | {"off-again": "159.00", "off-reason": "Moved away."}
    ),
    f"{_CHARGE}/archive": FormExample(needs=PAYMENTS_REFUND, fields=_SEEN | {"archive-again": "wrong"}),
    f"{_CHARGE}/plan": FormExample(
        needs=BILLING_WRITE,
        fields=_SEEN
        | {"installments": "3", "frequency": "MONTHLY", "methodId": "{method_id}", "startDate": "2020-01-01"},
    ),
    f"{_CHARGE}/end-plan": FormExample(needs=BILLING_WRITE, fields=_SEEN | {"end-again": "159.00"}),
    f"{_CHARGE}/pay": FormExample(needs=BILLING_WRITE, fields=_SEEN | {"pay-amount": "10.00", "pay-medium": "CASH"}),
    f"{_CHARGE}/ask": FormExample(
        needs=BILLING_WRITE, fields=_SEEN | {"ask-invoiceMethod": "EMAIL", "ask-message": "Please pay."}
    ),
    f"{_PATIENT}/credit": FormExample(needs=PAYMENTS_WRITE, fields={"give-amount": "5.00", "give-again": "5.00"}),
    f"{_PATIENT}/take-credit": FormExample(
        needs=PAYMENTS_WRITE, fields={"creditId": "{credit_id}", "take-{credit_id}": "wrong"}
    ),
    f"{_PATIENT}/cart": FormExample(needs=BILLING_WRITE),
    f"{_CART}/add": FormExample(needs=BILLING_WRITE, fields={"itemId": "{item_id}"}),
    f"{_CART}/change": FormExample(needs=BILLING_WRITE, fields={"lineId": "{line_id}", "l{line_id}-quantity": "3"}),
    f"{_CART}/remove": FormExample(needs=BILLING_WRITE, fields={"lineId": "{line_id}"}, is_final=True),
    f"{_CART}/quote": FormExample(needs=BILLING_WRITE, fields={"title": "The summer"}),
    f"{_CART}/charge": FormExample(needs=BILLING_WRITE),
    f"{_BILLING}/invoices/send": FormExample(needs=BILLING_WRITE, fields={"invoiceId": "{invoice_id}"}),
    f"{_BILLING}/invoices/retry": FormExample(needs=BILLING_WRITE, fields={"invoiceId": "{invoice_id}"}),
    f"{_QUOTE}/edit/change": FormExample(needs=BILLING_WRITE, fields={"w-title": "The summer", "w-was-title": ""}),
    f"{_QUOTE}/edit/line": FormExample(needs=BILLING_WRITE, fields={"lineId": "none", "lnone-quantity": "3"}),
    f"{_QUOTE}/edit/add": FormExample(needs=BILLING_WRITE, fields={"itemId": "{item_id}"}),
    f"{_QUOTE}/edit/remove": FormExample(needs=BILLING_WRITE, fields={"lineId": "none"}),
    f"{_QUOTE}/send": FormExample(needs=BILLING_WRITE, fields={"method": "email"}),
    f"{_QUOTE}/charge": FormExample(needs=BILLING_WRITE),
}
