"""The tenant walk's part about billing: patients, catalogue, carts, quotes, charges."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import httpx

from carelane.services import Services
from tests.factories.staff import hire
from tests.pictures import png
from tests.safety.walk_bills import walk_bills
from tests.safety.walk_charges import walk_charges
from tests.safety.walk_counter import walk_counter
from tests.safety.walk_till import walk_till

Asked = tuple[str, tuple[str, str, dict[str, Any]]]
FAR = "2099-01-01T00:00:00Z"


class Billed(NamedTuple):
    """Ids of one organization's records of every kind."""

    headers: dict[str, str]
    patient: str
    tag: str
    note: str
    medium: str
    location: str
    tax: str
    item: str
    package: str
    provider: str
    cart: str
    line: str
    quote: str
    offered: str
    charge: str
    tip: str
    payment: str
    credit: str


async def bill_marked(
    client: httpx.AsyncClient, services: Services, organization_id: UUID, headers: dict[str, str], mark: str
) -> Billed:
    """Makes the records over the API; each of their texts holds the mark, none of their ids."""

    async def ask(method: str, path: str, body: Any = None) -> Any:
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        return answer.json()

    provider = str(await hire(services, organization_id, mark, mark))
    location = (await ask("POST", "/admin/locations/update-or-create", {"name": mark, "city": mark}))["id"]
    tax = (await ask("POST", "/admin/taxes", {"name": f"{mark} tax", "percentage": 5, "locationIds": [location]}))["id"]
    words = {"description": mark, "internalNotes": mark, "externalId": mark, "category": mark}
    item = (
        await ask("POST", "/inventory/items/create", words | {"name": f"{mark} item", "price": 731, "brandName": mark})
    )["id"]
    within = {"name": f"{mark} package", "price": 731, "items": [{"itemId": item, "quantity": 1}]}
    package = (await ask("POST", "/inventory/packages/create", words | within))["id"]
    tag = (await ask("POST", "/user/patient/tags", {"name": f"{mark} tag"}))["id"]
    person = {
        "firstName": mark,
        "lastName": mark,
        "email": f"{uuid4().hex}@{mark}.example",
        "externalId": mark,
        "city": mark,
    }
    patient = (
        await ask("POST", "/user/patient/create", person | {"primaryLocationId": location, "meta": {mark: mark}})
    )["id"]
    await ask(
        "PUT", f"/user/patient/{patient}", {"patientMedications": [mark], "allergies": [mark], "leadSource": mark}
    )
    await ask("POST", f"/user/patient/{patient}/tags", {"patientId": patient, "tagIds": [tag]})
    noted = {"patientId": patient, "note": mark, "creatorId": provider, "eventId": mark, "externalId": mark}
    note = (await ask("POST", "/user/patient/quick-note/create", noted))["id"]
    for name in (f"{mark} medium", medium := f"till {uuid4()}"):
        await ask("POST", "/admin/payment-mediums/create", {"name": name})
    lines = [{"itemId": item, "notes": mark}, {"packageId": package}]
    new = {"patientId": patient, "creatorId": provider, "notes": mark, "items": lines}
    cart, converted = [await ask("POST", "/billing/cart", new) for _ in range(2)]
    sale = {"cartId": converted["id"], "description": mark, "externalId": mark, "locationId": location}
    charge = (await ask("POST", f"/billing/cart/{converted['id']}/convert-to-charge", sale))["id"]
    tip = (await ask("POST", "/billing/tips/create", {"chargeId": charge, "providerId": provider, "amount": 731}))["id"]
    offer = {"cartId": cart["id"], "patientId": patient, "creatorId": provider, "validUntilDate": FAR}
    told = {"title": mark, "description": mark, "terms": mark, "internalNotes": mark}
    quote, offered = [(await ask("POST", "/billing/quote", offer | told))["id"] for _ in range(2)]
    await ask("PUT", f"/billing/quote/{offered}", {"status": "SENT"})
    credit = (await ask("POST", f"/user/patient/{patient}/credit", {"amount": 731, "comment": mark}))["id"]
    (row,) = (await ask("GET", f"/billing/charge/table?id={charge}"))["data"]
    payment = (await ask("POST", "/billing/payment/cash/create", row | {"totalOutstanding": 1}))["id"]
    return Billed(headers, patient, tag, note, medium, location, tax, item, package, provider, cart["id"], cart["items"][0]["id"],
                  quote, offered, charge, tip, payment, credit)  # fmt: skip


def walk_billing(victim: Billed, other: Billed, mark: str) -> Iterator[Asked]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials and records.

    In the steps below `{…}` in a path is the victim's, `|` stands before what is the other's own.
    """
    for walk in (
        walk_till,
        _walk_patients,
        _walk_catalogue,
        _walk_places,
        _walk_carts,
        _walk_quotes,
        walk_charges,
        walk_counter,
        walk_bills,
    ):
        for step, body in walk(victim, other, mark):
            method, path = step.split(" ")
            url, _, query = path.partition("?")
            options: dict[str, Any] = {"headers": other.headers} | ({"json": body} if body is not None else {})
            if query:
                options["params"] = dict(parse_qsl(query))
            filled = (
                _filled(url.replace("|", ""), victim)
                .replace("{external_id}", mark)
                .replace("{name}", victim.medium)
                .replace("{payment_method_id}", victim.patient)
                .replace("{payin_config_id}", victim.charge)
            )
            yield f"{method} {_template(url, other)}", (method, filled, options)


# What stands in the place of each name in a path.
_NAMES = {
    "patient_id": "patient", "tag_id": "tag", "note_id": "note", "location_id": "location", "tax_id": "tax", "package_id": "package",
    "provider_id": "provider", "cart_id": "cart", "item_id": "line", "quote_id": "quote", "charge_id": "charge",
    "tip_id": "tip",
    "payment_id": "payment", "credit_id": "credit", "invoice_id": "charge",
}  # fmt: skip
_IDS = {"/inventory/items": "item", "/billing/charge": "charge", "/admin/locations": "location"}


def _filled(path: str, victim: Billed) -> str:
    for name, field in _NAMES.items():
        path = path.replace(f"{{{name}}}", getattr(victim, field))
    (field,) = [field for prefix, field in _IDS.items() if path.startswith(prefix)] or ["cart"]
    return path.replace("{id}", getattr(victim, field))


def _template(path: str, other: Billed) -> str:
    """The route as in the document."""
    for name, own in (
        ("cart_id", other.cart),
        ("quote_id", other.quote),
        ("patient_id", other.patient),
        ("tip_id", other.tip),
    ):
        path = path.replace(f"|{own}", f"{{{name}}}")
    return path


Step = tuple[str, Any]


def _walk_patients(victim: Billed, other: Billed, mark: str) -> Iterator[Step]:
    base = "/user/patient"
    for stolen in (
        {"primaryLocationId": victim.location},
        {"preferredProviderId": victim.provider},
        {"id": victim.patient},
    ):
        yield f"POST {base}/create", {"firstName": "Walker"} | stolen
    yield f"GET {base}/{{patient_id}}", None
    yield f"PUT {base}/{{patient_id}}", {"lastName": "Stolen"}
    yield f"PUT {base}/|{other.patient}", {"primaryLocationId": victim.location, "preferredProviderId": victim.provider}
    yield f"POST {base}/archive", {"patientIds": [victim.patient, other.patient]}
    for table in ("table", "ids"):
        for query in ("", f"?id={victim.patient}", f"?name={mark}", f"?external_id={mark}", f"?tag_ids={victim.tag}",
                      f"?location_id={victim.location}", f"?location_ids={victim.location}"):  # fmt: skip
            yield f"GET {base}/{table}{query}", None
    yield f"GET {base}/search?search_term={mark}", None
    yield f"GET {base}/list?patient_ids={victim.patient}", None
    yield f"GET {base}/external-id-exists/{{external_id}}", None
    yield f"GET {base}/tags/list", None
    yield f"GET {base}/tags/list?name={mark}", None
    yield f"POST {base}/tags", {"name": f"Walker {uuid4()}"}
    yield f"GET {base}/tags/{{tag_id}}", None
    yield f"PUT {base}/tags/{{tag_id}}", {"name": f"Stolen {uuid4()}"}
    yield f"DELETE {base}/tags/{{tag_id}}", None
    yield f"GET {base}/{{patient_id}}/tags", None
    yield f"POST {base}/{{patient_id}}/tags", {"patientId": victim.patient, "tagIds": [other.tag]}
    yield f"POST {base}/|{other.patient}/tags", {"patientId": other.patient, "tagIds": [victim.tag]}


def _walk_catalogue(victim: Billed, other: Billed, mark: str) -> Iterator[Step]:
    items, packages = "/inventory/items", "/inventory/packages"
    for query in ("", f"?ids={victim.item}", f"?name={mark}", f"?category={mark}"):
        yield f"GET {items}/list{query}", None
    yield f"POST {items}/create", {"name": "Walker", "price": 1, "exemptedTaxIds": [victim.tax]}
    yield f"PUT {items}/update/{{id}}", {"name": "Stolen"}
    yield f"DELETE {items}/delete/{{id}}", None
    yield f"GET {items}/brand-names", None
    for item, tax in ((victim.item, other.tax), (other.item, victim.tax)):
        yield f"POST {items}/bulk-update-taxes", {"updates": [{"itemId": item, "exemptedTaxIds": [tax]}]}
    for query in ("", f"?ids={victim.package}", f"?contains_items={mark}", f"?name={mark}"):
        yield f"GET {packages}/list{query}", None
    yield f"GET {packages}/{{package_id}}", None
    yield f"POST {packages}/create", {"name": "Walker", "price": 1, "items": [{"itemId": victim.item}]}
    yield f"PUT {packages}/update/{{package_id}}", {"name": "Stolen", "price": 1}
    yield f"DELETE {packages}/delete/{{package_id}}", None


def _walk_places(victim: Billed, _: Billed, mark: str) -> Iterator[Step]:
    for query in ("", f"?location_id={victim.location}", f"?name={mark}", f"?city={mark}"):
        yield f"GET /admin/locations/list{query}", None
    yield "GET /admin/locations/public", None
    yield "GET /tenant/public", None
    yield "GET /tenant/logo", None
    for upload in ("/tenant/upload-logo", "/tenant/upload-receipt-logo"):
        yield f"POST {upload}", {"file": b64encode(png()).decode()}
    yield "GET /admin/locations/{location_id}", None
    yield "DELETE /admin/locations/delete/{id}", None
    yield "POST /admin/locations/update-or-create", {"id": victim.location, "name": "Walker"}
    yield "GET /admin/taxes", None
    yield "POST /admin/taxes", {"name": f"Walker {uuid4()}", "percentage": 1, "locationIds": [victim.location]}
    yield "PUT /admin/taxes/{tax_id}", {"percentage": 1}
    yield "DELETE /admin/taxes/{tax_id}", None
    for query in ("", f"?location_id={victim.location}"):
        yield f"GET /admin/providers/list{query}", None
    yield "GET /admin/providers/{provider_id}", None


def _walk_carts(victim: Billed, other: Billed, mark: str) -> Iterator[Step]:
    cart = "/billing/cart"
    own = {"patientId": other.patient, "creatorId": other.provider}
    for stolen in ({"patientId": victim.patient}, {"creatorId": victim.provider}, {"items": [{"itemId": victim.item}]},
                   {"items": [{"packageId": victim.package}]}, {"id": victim.cart}):  # fmt: skip
        yield f"POST {cart}", own | stolen
        yield f"PUT {cart}/{{cart_id}}", own | stolen
        yield f"PUT {cart}/|{other.cart}", own | stolen
    for query in (
        "",
        f"?patient_id={victim.patient}",
        f"?creator_id={victim.provider}",
        f"?search={mark}",
        f"?search={victim.cart}",
    ):
        yield f"GET {cart}{query}", None
    for query in ("", f"?patient_id={victim.patient}"):
        yield f"GET {cart}/list{query}", None
    yield f"GET {cart}/{{cart_id}}", None
    yield f"POST {cart}/{{cart_id}}/items", {"itemId": other.item}
    for line in ({"itemId": victim.item}, {"packageId": victim.package}):
        yield f"POST {cart}/|{other.cart}/items", line
    for method, body in (("PUT", {"quantity": 2}), ("DELETE", None)):
        yield f"{method} {cart}/{{cart_id}}/items/{{item_id}}", body
    yield f"POST {cart}/{{cart_id}}/convert-to-charge", {"cartId": victim.cart}
    yield f"POST {cart}/|{other.cart}/convert-to-charge", {"cartId": other.cart, "locationId": victim.location}
    yield f"POST {cart}/expire-old?days_old=1", None
    yield f"DELETE {cart}/{{cart_id}}", None


def _walk_quotes(victim: Billed, other: Billed, _: str) -> Iterator[Step]:
    quote = "/billing/quote"
    own = {"patientId": other.patient, "cartId": other.cart, "creatorId": other.provider}
    for stolen in (
        {"patientId": victim.patient},
        {"cartId": victim.cart},
        {"creatorId": victim.provider},
        {"id": victim.quote},
    ):
        yield f"POST {quote}", own | stolen
    for query in ("", f"?patient_id={victim.patient}", f"?cart_id={victim.cart}", f"?creator_id={victim.provider}"):
        yield f"GET {quote}/list{query}", None
    for path in ("{quote_id}", "public/{quote_id}", "{quote_id}/view"):
        yield f"GET {quote}/{path}", None
    yield f"PUT {quote}/{{quote_id}}", {"title": "Stolen"}
    yield f"POST {quote}/{{quote_id}}/items/add", {"itemId": other.item}
    yield f"POST {quote}/|{other.quote}/items/add", {"itemId": victim.item}
    for method, body in (("PUT", {"quantity": 2}), ("DELETE", None)):
        yield f"{method} {quote}/{{quote_id}}/items/{{item_id}}", body
    for quote_id in (victim.quote, victim.offered):
        yield f"POST {quote}/send", {"quoteId": quote_id, "method": "email"}
        yield f"POST {quote}/respond", {"quoteId": quote_id, "response": "accept"}
        yield f"POST {quote}/convert-to-charge", {"quoteId": quote_id, "locationId": victim.location}
    yield f"POST {quote}/expire-old", None
