"""The money's part of the story, at a clinic with a gateway: a card is kept at intake and charged when the case is approved; a quote
is accepted and paid, and half of it given back; an order waits until its patient has confirmed the payment with their bank; and the
front desk takes money (`desk.py`)."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from carelane.demo import billing, clinic, desk, gateway
from carelane.demo.asking import Ways, form, get, path_of, post
from carelane.demo.data import PAYING_PATIENT
from carelane.demo.desk import Served
from carelane.demo.receiver import Received, Receiver
from carelane.demo.texts import await_link
from carelane.surfaces.docs.examples import PLACE_ORDER

STEP_COUNT = 41 + desk.STEP_COUNT
WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_ADDRESS = {
    "addressLine1": "200 East Colfax Avenue",
    "city": "Denver",
    "state": "CO",
    "country": "US",
    "postalCode": "80203",
}
_FORM = {
    "title": "Migraine intake",
    "questions": [{"question": "How many days a month?", "answer": "6", "phi": True, "type": "TEXT"}],
}
_MEDICINE: dict[str, object] = {
    "medicine": "Sumatriptan 50 mg tablets",
    "dosage": "50 mg",
    "dosingFrequency": "at the first sign of a migraine",
    "refillCount": 2,
}
_TABLETS = {"direction": "Take 1 tablet when a migraine begins", "quantity": "9", "refillCount": 2}


class Taken(msgspec.Struct, frozen=True):
    """How it ended: each payment as staff see it, the orders of the cases, and what the storefront was told of the first."""

    approved: dict[str, Any]
    quoted: dict[str, Any]
    confirmed: dict[str, Any]
    served: Served
    # Why the second order did not leave at once.
    waited_for: str
    order_statuses: list[str]
    told: Received | None
    secret: str

    @property
    def is_good(self) -> bool:
        paid = [payment.get("status") for payment in (self.approved, self.quoted, self.confirmed)]
        is_half_back = self.quoted.get("refunded") not in (None, "0.00")
        is_all_there = self.order_statuses == ["DELIVERED", "DELIVERED"] and self.told is not None
        is_all_there = is_all_there and self.served.is_good
        return paid == ["PAID"] * 3 and is_half_back and is_all_there and "confirm" in self.waited_for


class _Clinic(msgspec.Struct, frozen=True):
    """Whom the story is told of: the clinic's credentials, its people who have signed in, and where its patient's texts arrive."""

    ways: Ways
    demo: dict[str, Any]
    admin: dict[str, str]
    clinician: dict[str, str]
    texts_url: str

    @property
    def key(self) -> dict[str, str]:
        return {"cv-api-key": self.demo["apiKey"]}

    def payment(self, query: str, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest payment of a case or a charge, as soon as it is there, or after WAIT_SECONDS as it is."""
        deadline, found = time.monotonic() + WAIT_SECONDS, dict[str, Any]()
        while time.monotonic() < deadline:
            listed = self.ways.read(get("Where is the payment?", f"/api/staff/payments?{query}", self.admin))
            found = (listed.get("payments") or [{}])[0]
            if is_there(found):
                break
            time.sleep(_LOOK_SECONDS)
        return found


def take(ways: Ways, demo: dict[str, Any], receiver: Receiver, texts_url: str) -> Taken:
    """`demo` is what `carelane demo-data --json` printed of the clinic that takes money."""
    admin = clinic.sign_in_admin(ways.send, demo)
    secret = clinic.watch(ways.send, admin, receiver.url)
    here = _Clinic(ways, demo, admin, clinic.sign_in_clinician(ways.send, demo), texts_url)
    approved, case_id, status = _charge_on_approval(here)
    quoted = _accept_and_pay(here)
    confirmed, waited_for, later_status = _confirm_with_the_bank(here)
    served = desk.serve(ways, demo, texts_url)
    told = _await_told(receiver, case_id)
    return Taken(approved, quoted, confirmed, served, waited_for, [status, later_status], told, secret)


def _charge_on_approval(here: _Clinic) -> tuple[dict[str, Any], str, str]:
    """Live money, with a card that is good. Returns the payment, the case's id and what became of the order."""
    case_id = _create_case(here, gateway.GOOD_METHOD, is_test=False)
    clinic.approve(here.ways.send, here.demo, here.clinician, case_id, _MEDICINE)
    _order(here, case_id)
    paid = here.payment(f"caseId={case_id}", _is_paid)
    here.ways.send(get("What was taken", f"/api/staff/payments/{paid.get('id')}", here.admin))
    return paid, case_id, _follow(here, case_id)


def _accept_and_pay(here: _Clinic) -> dict[str, Any]:
    """A quote is paid on the gateway's page, and half of it is given back. Returns its payment."""
    send, visit = here.ways.send, here.ways.visit
    _offer(here)
    path = await_link(here.texts_url, str(PAYING_PATIENT["phoneNumber"]), "q")
    cookie, revision = billing.read_quote(visit, path, PAYING_PATIENT)
    leads_to = visit(form("Accept and pay", f"{path}/pay", {"revision": revision}, cookie)).location
    back = gateway.pay_at_checkout(here.ways, leads_to, str(PAYING_PATIENT["email"]))
    visit(get("Back to the clinic's page", back, {"Cookie": cookie}, 303))
    visit(get("which says that it is paid", path, {"Cookie": cookie}))
    paid = here.payment("limit=1", _is_paid)
    half = _half_of(str(paid.get("amount", "0")))
    grant = {"amount": half, "reason": "requested_by_customer"}
    payment = f"/api/staff/payments/{paid.get('id')}"
    granted = send(post("Grant a refund of half of it", f"{payment}/refunds", here.admin, grant))
    send(post("and send it", f"/api/staff/refunds/{granted.get('id')}/send", here.admin, {}))
    return here.payment(
        f"chargeId={paid.get('chargeId')}", lambda payment: payment.get("refunded") == granted.get("amount")
    )


def _confirm_with_the_bank(here: _Clinic) -> tuple[dict[str, Any], str, str]:
    """Test money, with a card whose bank wants to see the patient first. Returns the payment, what the order waited for, and what
    became of it."""
    send, visit = here.ways.send, here.ways.visit
    case_id = _create_case(here, gateway.ASKING_METHOD, is_test=True)
    clinic.approve(send, here.demo, here.clinician, case_id, _MEDICINE)
    order_id = _order(here, case_id)
    here.payment(f"caseId={case_id}", lambda payment: payment.get("stage") == "NEEDS_PATIENT")
    why = send(get("Why does the order wait?", f"/api/staff/orders/{order_id}/why", here.admin))
    path = await_link(here.texts_url, str(PAYING_PATIENT["phoneNumber"]), "pay")
    visit(get("The patient opens the link", path, {}))
    bank = visit(form("and confirms", f"{path}/confirm", {})).location
    back = gateway.answer_bank(here.ways, bank)
    visit(get("Back to the clinic's page", path_of(back), {}, 303))
    paid = here.payment(f"caseId={case_id}", _is_paid)
    visit(get("which says that it is paid", path, {}))
    return paid, str(why.get("waitsFor")), _follow(here, case_id)


def _create_case(here: _Clinic, method: str, *, is_test: bool) -> str:
    """As storefronts do: a secret, a card, a case that names the setup intent. Returns the case's id."""
    send = here.ways.send
    wanted = {"isTest": is_test, "metadata": {"email": PAYING_PATIENT["email"]}}
    made = send(post("A secret for the storefront's card fields", "/api/v1/payments/setup", here.key, wanted))
    setup_id = gateway.keep_card(here.ways, here.demo, str(made.get("paymentSecret")), method, is_test=is_test)
    names = ("firstName", "lastName", "email", "gender", "phoneNumber")
    user = {name: PAYING_PATIENT[name] for name in names}
    payment = {"amount": 89, "currency": "USD", "description": "Migraine Plan"}
    body = {
        "isTest": is_test,
        "user": user | {"dob": PAYING_PATIENT["dateOfBirth"], "shippingAddress": _ADDRESS},
        "payment": payment | {"providerReference": {"type": "SETUP_INTENT", "id": setup_id}},
        "products": [{"id": here.demo["productId"], "visitType": "ASYNC_TEXT_EMAIL", "form": _FORM}],
    }
    case = send(post("A case that is paid with that card", "/api/v1/cases", here.key, body))
    return str((case.get("data") or {}).get("caseId"))


def _order(here: _Clinic, case_id: str) -> str:
    """Returns the order's id."""
    item = PLACE_ORDER["order"]["prescriptionItems"][0] | _TABLETS | {"drugId": here.demo["drugId"]}
    order = {"pharmacyId": here.demo["pharmacyId"], "prescriptionItems": [item], "diagnosis": "Migraine"}
    order = PLACE_ORDER["order"] | order | {"shippingAddress": _ADDRESS}
    body = PLACE_ORDER | {"idempotencyKey": f"demo-{case_id}", "order": order}
    return clinic.order_id_of(here.ways.send(post("Place the order", f"/api/v1/cases/{case_id}", here.key, body)))


def _offer(here: _Clinic) -> None:
    """A quote goes to the patient by text message."""
    send, demo = here.ways.send, here.demo
    key = {"API-KEY": demo["apiKey"], "TENANT": demo["tenant"]}
    who = {"patientId": demo["patientId"], "creatorId": demo["creatorId"]}
    lines = [{"itemId": demo["itemId"], "quantity": 3, "discountPercentage": 10}, {"packageId": demo["packageId"]}]
    cart = send(post("A cart", "/billing/cart", key, who | {"items": lines}))
    quote = send(
        post("A quote of it", "/billing/quote", key, who | {"cartId": cart.get("id"), "title": "Three months"})
    )
    send(post("Send it by text message", "/billing/quote/send", key, {"quoteId": quote.get("id"), "method": "sms"}))


def _follow(here: _Clinic, case_id: str) -> str:
    return clinic.follow(here.ways.read, here.demo, case_id, lambda _: None)


def _await_told(receiver: Receiver, case_id: str) -> Received | None:
    """The event that says that the case's payment was made; None if it does not come."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for told in receiver.of_case(case_id):
            if told.body["event"] == "PAYMENT_COMPLETED":
                return told
        time.sleep(_LOOK_SECONDS)
    return None


def _is_paid(payment: dict[str, Any]) -> bool:
    return payment.get("status") == "PAID"


def _half_of(amount: str) -> str:
    """The smaller half, to the cent."""
    cents = int(amount.replace(".", "")) // 2
    return f"{cents // 100}.{cents % 100:02}"
