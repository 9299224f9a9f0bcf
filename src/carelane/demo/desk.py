"""The front desk's part of the story, at the clinic with a gateway: a sale with a tip is paid in cash and by a kept card; a part goes
back as credit, which pays for the next sale; the rest of that is asked for by text message and paid on the page; a receipt is sent;
a third sale is paid in three instalments, the first of them at once."""

import time
from typing import Any

import msgspec

from carelane.demo import billing, gateway
from carelane.demo.asking import Ways, form, get, post
from carelane.demo.data import PAYING_PATIENT
from carelane.demo.texts import await_link

STEP_COUNT = 28
_TERMINAL, _PAYMENT = "/billing/payment-terminal", "/billing/payment"
# What the catalogue of `paying.yaml` asks, and what its tax of 2.9 % adds, line by line.
_TABLETS_CENTS, _PLAN_CENTS = 3_900, 8_900
_FIRST_CENTS = 7_020 + 204 + 8_900 + 258
_SECOND_CENTS = 8_900 + 258
_TIP_CENTS, _CASH_CENTS, _BACK_CENTS = 1_500, 5_000, 4_000
_CARD_CENTS = _FIRST_CENTS + _TIP_CENTS - _CASH_CENTS
_INSTALMENT_CENTS = 3_053
_PAID_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_OF_THE_ROW = ("id", "total", "totalOutstanding", "status", "createdDate")


class Served(msgspec.Struct, frozen=True):
    """How it ended: the patient's payments at the desk as its table shows them, oldest first, both charges, the invoice, whether
    the receipt could be read, and the instalments of the plan."""

    payments: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    invoice: dict[str, Any]
    is_receipt_read: bool
    instalments: list[dict[str, Any]]

    @property
    def is_good(self) -> bool:
        amounts = [payment["amount"] for payment in self.payments]
        is_all_there = amounts == [
            _CASH_CENTS,
            _CARD_CENTS,
            _BACK_CENTS,
            _SECOND_CENTS - _BACK_CENTS,
            _INSTALMENT_CENTS,
        ]
        owed = [charge.get("totalOutstanding") for charge in self.charges]
        agreed = [(one["status"], one["amount"]) for one in self.instalments]
        last = ("SCHEDULED", _SECOND_CENTS - 2 * _INSTALMENT_CENTS)
        is_agreed = agreed == [("COMPLETED", _INSTALMENT_CENTS), ("SCHEDULED", _INSTALMENT_CENTS), last]
        is_paid = owed == [0, 0] and self.invoice.get("status") == "PAID"
        return is_all_there and is_paid and self.is_receipt_read and is_agreed


class _Desk(msgspec.Struct, frozen=True):
    """Whom it serves, and how it asks."""

    ways: Ways
    demo: dict[str, Any]
    texts_url: str

    @property
    def key(self) -> dict[str, str]:
        return {"API-KEY": self.demo["apiKey"], "TENANT": self.demo["tenant"]}

    def post(self, title: str, path: str, body: Any) -> Any:
        return self.ways.send(post(title, path, self.key, body))

    def get(self, title: str, path: str) -> Any:
        return self.ways.send(get(title, path, self.key))

    def row(self, charge_id: str) -> dict[str, Any]:
        """The charge as the desk's screen shows it, and as paying it takes it."""
        listed = self.get("What is owed", f"/billing/charge/table?id={charge_id}")
        row = (listed.get("data") or [{}])[0]
        return {name: row.get(name) for name in _OF_THE_ROW} | {"patient": {"id": self.demo["patientId"]}}


def serve(ways: Ways, demo: dict[str, Any], texts_url: str) -> Served:
    """`demo` is what `carelane demo-data --json` printed of the clinic that takes money. Its patient has a card that is kept."""
    desk = _Desk(ways, demo, texts_url)
    first, card, card_payment = _sell_for_cash_and_card(desk)
    _give_back_as_credit(desk, card_payment)
    second = _sell_for_credit(desk)
    invoice = _ask_for_the_rest(desk, second)
    is_read = _send_receipt(desk, card_payment)
    third, instalments = _agree(desk, card)
    path = f"{_PAYMENT}/table?patient_id={demo['patientId']}&sort_direction=asc"
    listed = desk.get("All payments of the patient", path)
    payments = _paying(listed, {first, second, third})
    charges = [desk.row(charge_id) for charge_id in (first, second)]
    return Served(payments, charges, invoice, is_read, instalments)


def _sell_for_cash_and_card(desk: _Desk) -> tuple[str, str, str]:
    """Returns the charge's id, and those of the kept card and of its payment."""
    demo = desk.demo
    tablets = {"itemId": demo["itemId"], "quantity": 2, "price": _TABLETS_CENTS, "discountPercentage": 10}
    charge_id = _sell(desk, "Sell tablets and a plan, taxed at the location", [tablets, _plan(demo)], _FIRST_CENTS)
    tip = {"chargeId": charge_id, "amount": _TIP_CENTS, "providerId": demo["creatorId"]}
    desk.post("A tip", "/billing/tips/create", tip)
    cash = desk.row(charge_id) | {"totalOutstanding": _CASH_CENTS}
    desk.post("A part in cash", f"{_PAYMENT}/cash/create?payment_medium=CASH", cash)
    wanted = {"charges": [{"id": charge_id}], "paymentMedium": "SAVED_PAYMENT_METHOD"}
    config = desk.post("The rest by card: what is to be paid", f"{_TERMINAL}/payin-config", wanted)
    card = str((config.get("paymentMethods") or [{}])[0].get("id"))
    charged = desk.post(
        "and the kept card is charged",
        f"{_TERMINAL}/charge-card/{card}",
        {"payinConfigId": config.get("payinConfigId")},
    )
    return charge_id, card, str(charged.get("payinId"))


def _give_back_as_credit(desk: _Desk, payment_id: str) -> None:
    back = {"paymentId": payment_id, "providerId": desk.demo["creatorId"], "amount": _BACK_CENTS, "reason": "OTHER"}
    desk.post("A part goes back as credit", f"{_PAYMENT}/refund", back | {"destination": "PATIENT_CREDIT"})
    desk.get("What can be spent", f"/user/patient/{desk.demo['patientId']}/credit/available")


def _sell_for_credit(desk: _Desk) -> str:
    """A sale of which credit pays a part. Returns the charge's id."""
    charge_id = _sell(desk, "Sell another plan", [_plan(desk.demo)], _SECOND_CENTS)
    spent = desk.row(charge_id) | {"totalOutstanding": _BACK_CENTS}
    desk.post("A part from credit", f"{_PAYMENT}/patient-credit/create", spent)
    return charge_id


def _ask_for_the_rest(desk: _Desk, charge_id: str) -> dict[str, Any]:
    """The patient pays on the page that the message leads to. Returns the invoice."""
    asked = {"patientId": desk.demo["patientId"], "invoiceMethod": "SMS", "message": "Thank you for coming."}
    desk.post("Ask for the rest by text message", "/billing/invoice/create", asked | {"charges": [{"id": charge_id}]})
    visit = desk.ways.visit
    path = await_link(desk.texts_url, str(PAYING_PATIENT["phoneNumber"]), "bill")
    cookie = billing.prove(visit, path, PAYING_PATIENT)
    visit(get("sees what is owed", path, {"Cookie": cookie}))
    leads_to = visit(form("and pays it", f"{path}/pay", {"charge": charge_id}, cookie)).location
    back = gateway.pay_at_checkout(desk.ways, leads_to, str(PAYING_PATIENT["email"]))
    visit(get("Back to the clinic's page", back, {"Cookie": cookie}, 303))
    return _await_paid(desk)


def _await_paid(desk: _Desk) -> dict[str, Any]:
    """The newest invoice, once its payment is booked, or after a while as it is."""
    ask = get("The invoice is paid", "/billing/invoice/table?sort_by=created_date", desk.key)
    deadline = time.monotonic() + _PAID_SECONDS
    while time.monotonic() < deadline:
        invoice = (desk.ways.read(ask).get("data") or [{}])[0]
        if invoice.get("status") == "PAID":
            break
        time.sleep(_LOOK_SECONDS)
    return dict((desk.ways.send(ask).get("data") or [{}])[0])


def _send_receipt(desk: _Desk, payment_id: str) -> bool:
    """Whether the page that the patient is sent says what was paid."""
    desk.post("Send the receipt", f"{_PAYMENT}/send-receipt", {"paymentId": payment_id, "useEmail": False})
    path = await_link(desk.texts_url, str(PAYING_PATIENT["phoneNumber"]), "bill/receipts")
    page = desk.ways.visit(get("The patient opens it", path, {}))
    return billing.money_of(_CARD_CENTS) in page.text


def _agree(desk: _Desk, card: str) -> tuple[str, list[dict[str, Any]]]:
    """A sale that is paid in three. Returns the charge's id and the instalments, once the worker has taken the first."""
    who = {name: desk.demo[name] for name in ("patientId", "creatorId", "locationId")}
    sale = who | {"totalOutstanding": _SECOND_CENTS, "items": [_plan(desk.demo)]}
    # The first at once, the others in one month and in two.
    later = {"installments": 2, "installmentAmount": _INSTALMENT_CENTS, "frequency": "MONTHLY"}
    plan = later | {"initialAmount": _INSTALMENT_CENTS, "chargeIds": []}
    agreed = {"charges": [sale], "paymentPlan": plan, "rainforestPaymentMethodId": card}
    made = desk.post("Sell a plan in three instalments", "/billing/payment-plan/create-with-charges", agreed)
    charge_id = str((made.get("chargeIds") or [None])[0])
    ask = get("The first of them is taken", f"/billing/charge/table?id={charge_id}", desk.key)
    deadline = time.monotonic() + _PAID_SECONDS
    while time.monotonic() < deadline:
        planned = (desk.ways.read(ask).get("data") or [{}])[0].get("plannedPayments") or [{}]
        if planned[0].get("status") == "COMPLETED":
            break
        time.sleep(_LOOK_SECONDS)
    return charge_id, (desk.ways.send(ask).get("data") or [{}])[0].get("plannedPayments") or []


def _sell(desk: _Desk, title: str, lines: list[dict[str, Any]], cents: int) -> str:
    """Returns the charge's id."""
    who = {name: desk.demo[name] for name in ("patientId", "creatorId", "locationId")}
    sale = who | {"totalOutstanding": cents, "items": lines}
    return str(desk.post(title, f"{_TERMINAL}/charge/create", sale).get("id"))


def _paying(listed: dict[str, Any], charge_ids: set[str]) -> list[dict[str, Any]]:
    """Those payments that were for one of the charges."""
    payments = (listed.get("items") or {}).get("data") or []
    return [one for one in payments if {item["chargeId"] for item in one["items"]} & charge_ids]


def _plan(demo: dict[str, Any]) -> dict[str, Any]:
    return {"packageId": demo["packageId"], "quantity": 1, "price": _PLAN_CENTS}
