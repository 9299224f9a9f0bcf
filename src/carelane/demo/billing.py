"""The billing part of the story: a cart is priced, quoted by text message, accepted on the patient's page and charged once."""

import re
from typing import Any

import msgspec

from carelane.demo.approved_case import PATIENT
from carelane.demo.asking import Send, Visit, form, get, post
from carelane.demo.texts import await_link
from carelane.surfaces.docs.billing_examples import CREATE_CART

STEP_COUNT = 14
_REVISION = re.compile(r'name="revision" value="(\d+)"')


class Sold(msgspec.Struct, frozen=True):
    """What came of it: the cart as it was priced, and the charge."""

    cart: dict[str, Any]
    charge: dict[str, Any]
    # Whether asking again gave the same charge.
    is_charged_once: bool


def sell(send: Send, visit: Visit, demo: dict[str, Any], texts_url: str) -> Sold:
    """`texts_url` is where the simulator shows the messages it took."""
    key = {"API-KEY": demo["apiKey"], "TENANT": demo["tenant"]}
    who = {"patientId": demo["patientId"], "creatorId": demo["creatorId"]}
    named = CREATE_CART | who | {"id": "cart_printed"}
    send(post("Create a cart, as the page prints it", "/billing/cart", key, named))
    send(get("The patient, whom the care side knows too", f"/user/patient/{demo['patientId']}", key))
    cart = _fill(send, key, who, demo)
    quote_id = _offer(send, key, who, cart["id"])
    _accept(visit, await_link(texts_url, str(PATIENT["phoneNumber"]), "q"))
    convert = {"quoteId": quote_id, "locationId": demo["locationId"]}
    charge = send(post("Convert the quote to a charge", "/billing/quote/convert-to-charge", key, convert))
    path = f"/billing/cart/{cart['id']}/convert-to-charge"
    again = send(post("Converting the cart gives the same charge", path, key, {"cartId": cart["id"]}))
    send(get("The charge", f"/billing/charge/get/{charge.get('id')}", key))
    return Sold(cart, charge, charge.get("id") is not None and charge.get("id") == again.get("id"))


def _fill(send: Send, key: dict[str, str], who: dict[str, str], demo: dict[str, Any]) -> dict[str, Any]:
    """A cart with a discounted line, a package and half an hour of something, and a discount on the whole."""
    lines = [
        {"itemId": demo["itemId"], "quantity": 2, "discountPercentage": 15},
        {"packageId": demo["packageId"]},
    ]
    body = who | {"discountPercentage": 10, "items": lines}
    cart = send(post("Create a cart with two lines", "/billing/cart", key, body))
    more = {"itemId": demo["itemId"], "quantity": 0.5, "unitPrice": 12_345, "notes": "Half a refill"}
    filled: dict[str, Any] = send(post("Add half of something", f"/billing/cart/{cart.get('id')}/items", key, more))
    return filled


def _offer(send: Send, key: dict[str, str], who: dict[str, str], cart_id: str) -> str:
    """Returns the id of the quote, which was sent by text message."""
    body = who | {"cartId": cart_id, "title": "Your treatment plan", "terms": "Refills within 30 days."}
    quote = send(post("Make a quote of the cart", "/billing/quote", key, body))
    sending = {"quoteId": quote.get("id"), "method": "sms", "message": "See you soon!"}
    send(post("Send it by text message", "/billing/quote/send", key, sending))
    send(post("The cart is locked now", f"/billing/cart/{cart_id}/items", key, {"itemId": "any"}, 409))
    return str(quote.get("id"))


def _accept(visit: Visit, path: str) -> None:
    """The patient opens the link, says who they are, reads and accepts."""
    cookie, revision = read_quote(visit, path, PATIENT)
    visit(form("and accepts", f"{path}/respond", {"answer": "accept", "revision": revision}, cookie))


def read_quote(visit: Visit, path: str, patient: dict[str, object]) -> tuple[str, str]:
    """Returns the cookie of whom the page knows by now, and which version of the quote they read."""
    cookie = prove(visit, path, patient)
    page = visit(get("reads the quote", path, {"Cookie": cookie}))
    revision = _REVISION.search(page.text)
    return cookie, revision[1] if revision else ""


def prove(visit: Visit, path: str, patient: dict[str, object]) -> str:
    """Returns the cookie of whom the page knows by now."""
    visit(get("The patient opens the link", path, {}))
    year, month, day = (str(int(part)) for part in str(patient["dateOfBirth"]).split("-"))
    who = {"last_name": str(patient["lastName"]), "year": year, "month": month, "day": day}
    return visit(form("and says who they are", f"{path}/verify", who)).cookie


def arithmetic(sold: Sold) -> list[str]:
    """How the total came about, line by line, and that the charge is the same."""
    printed = [_line(line) for line in sold.cart.get("items", [])]
    cart = sold.cart
    rows = (
        ("subtotal", cart.get("subtotal", 0)),
        (f"discount of {cart.get('discountPercentage', 0):g} %", -cart.get("discountAmount", 0)),
        ("tax, line by line", cart.get("taxAmount", 0)),
        ("total", cart.get("total", 0)),
        ("charged", sold.charge.get("total", 0)),
    )
    return printed + [f"  {name:<58}{money_of(cents):>12}" for name, cents in rows]


def _line(line: dict[str, Any]) -> str:
    name = (line["item"] or line["package"])["name"]
    count = f"{line['quantity']:g} × {money_of(line['unitPrice'])}"
    less = f" less {line['discountPercentage']:g} %" if line["discountPercentage"] else ""
    return f"  {f'{name}: {count}{less}':<58}{money_of(line['totalPrice']):>12}   and {money_of(line['taxAmount'])} tax"


def money_of(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
