"""The page of docs/api/ about the catalog as administrators keep it, printed from a real conversation."""

from base64 import b64encode

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.own_clinic import make_clinic
from tests.pictures import png
from tests.review.people import employ

DESK = "/api/staff/catalog"
_ABOUT = """\
Products, bundles, forms, promo codes, taxes, locations and drugs, as the console's catalog keeps them. They are the records of the
organization file and of the billing dialect: what is changed here is "changed elsewhere" to the next `carelane apply`, which leaves it as it
is unless the file wants something new there. Lists take `q` (a part of the name), `isActive`, `limit` and `offset`.

A record is written as a whole. Each is shown with a `version`; sent back, it makes sure that nobody changed the record meanwhile (409).
Prices are texts in the currency beside them; a new record is in the clinic's own.
"""
_PRODUCT = {"name": "Tretinoin cream", "price": "24.50", "category": "Skin", "type": "MEDICATION"}
_QUESTIONS = [
    {
        "text": "Is your skin sore?",
        "type": "SINGLESELECT",
        "options": ["Often", "No"],
        "optionFlags": {"Often": "Sore skin"},
    },
    {
        "text": "Where is it sore?",
        "type": "TEXT",
        "isPHI": True,
        "condition": {"questionIndex": 0, "response": "Now and then"},
    },
]
_SMALL = {
    "promo-codes": ("promo code", {"code": "SPRING", "discountPercentage": "10", "maxUses": 100}),
    "taxes": ("tax", {"name": "State tax", "percentage": "8.25"}),
    "locations": ("location", {"name": "Pier", "city": "Albany", "state": "NY", "timezone": "America/New_York"}),
    "drugs": ("drug", {"code": "tret-05", "name": "Tretinoin 0.05 % cream, 45 g", "schedule": None}),
}


async def test_page_of_the_catalog(client, services, tmp_path):
    own = await make_clinic(services, tmp_path)
    page = ApiPage(client, own, "Staff: catalog")
    page.say(f"{_ABOUT}\n{EVERYWHERE}")
    headers = (await employ(services, own, "Ida", role="ADMIN")).headers
    product = await _products(page, headers)
    await _bundles(page, headers, product)
    await _forms(page, headers)
    for kind, (what, body) in _SMALL.items():
        url = f"{DESK}/{kind}"
        made = await page.ask(f"Make a {what}", "", "POST", url, 200, headers=headers, json=body)
        one, wanted = f"{url}/{made['id']}", body | {"isActive": False, "version": made["version"]}
        await page.ask(f"Switch a {what} off", "", "PUT", one, 200, headers=headers, json=wanted)
        await page.ask(f"Get a {what}", "", "GET", one, 200, headers=headers)
        await page.ask(f"List: {kind}", "", "GET", f"{url}?isActive=false", 200, headers=headers)
    await _branding(page, headers)
    await page.ask("What records can name", "", "GET", f"{DESK}/parts", 200, headers=headers)
    page.say_errors()
    await page.ask("Another clinic's, or none", "", "GET", f"{DESK}/products/{UNKNOWN_ID}", 404, headers=headers)
    await page.ask("No session", "", "GET", f"{DESK}/products", 401)
    check_printed(DOCS / "api" / "staff-catalog.md", page.text())


async def _products(page, headers):
    url = f"{DESK}/products"
    made = await page.ask("Make a product", "", "POST", url, 200, headers=headers, json=_PRODUCT)
    one = f"{url}/{made['id']}"
    wanted = _PRODUCT | {"price": "26.00", "version": made["version"]}
    await page.ask(
        "Change a product",
        "The price counts for what is sold from now on.",
        "PUT",
        one,
        200,
        headers=headers,
        json=wanted,
    )
    await page.ask("Somebody was faster", "", "PUT", one, 409, headers=headers, json=wanted)
    await page.ask("Get a product", "", "GET", one, 200, headers=headers)
    await page.ask("List products", "", "GET", f"{url}?q=cream&limit=1", 200, headers=headers)
    return made


async def _bundles(page, headers, product):
    url = f"{DESK}/bundles"
    body = {"name": "Night box", "price": "60.00", "initialDiscount": "10.00", "productIds": [product["id"]]}
    made = await page.ask("Make a bundle", "", "POST", url, 200, headers=headers, json=body)
    one = f"{url}/{made['id']}"
    wanted = body | {"isSoldOut": True, "version": made["version"]}
    await page.ask("Change a bundle", "", "PUT", one, 200, headers=headers, json=wanted)
    await page.ask("Get a bundle", "", "GET", one, 200, headers=headers)
    await page.ask("List bundles", "", "GET", f"{url}?q=box", 200, headers=headers)


async def _forms(page, headers):
    url = f"{DESK}/forms"
    body = {"name": "Skin intake", "questions": _QUESTIONS}
    about = "`findings` say what is odd about its questions; the same are found by the console's editor."
    made = await page.ask("Make a form", about, "POST", url, 200, headers=headers, json=body)
    one = f"{url}/{made['id']}"
    mended = [_QUESTIONS[0], _QUESTIONS[1] | {"condition": {"questionIndex": 0, "response": "Often"}}]
    wanted = body | {"questions": mended, "version": made["version"]}
    about = "Other questions make a new version; what was answered belongs to the version that was asked."
    await page.ask("Change a form", about, "PUT", one, 200, headers=headers, json=wanted)
    broken = body | {"questions": [{"text": "Which?", "type": "MULTISELECT"}]}
    await page.ask("What stops saving", "", "PUT", one, 422, headers=headers, json=broken)
    await page.ask("Get a form", "", "GET", one, 200, headers=headers)
    await page.ask("List a form's versions", "", "GET", f"{one}/versions", 200, headers=headers)
    await page.ask("Compare two versions", "", "GET", f"{one}/compared?before=1&now=2", 200, headers=headers)
    await page.ask("List forms", "", "GET", url, 200, headers=headers)


async def _branding(page, headers):
    url = f"{DESK}/branding"
    await page.ask("Get the branding", "", "GET", url, 200, headers=headers)
    body = {
        "name": "Own Clinic",
        "linkName": "own-clinic-of-the-docs",
        "tagline": "Care at home",
        "colorPrimary": "#7a1f5c",
    }
    about = "All of it: what is left out is empty afterwards."
    await page.ask("Change the branding", about, "PUT", url, 200, headers=headers, json=body)
    about = (
        "PNG, JPEG or WebP by its content, at most 200 kB and 2,000 x 2,000 pixels; as `file` of a form (multipart/form-data), or in base64. "
        "`pages` is for patients' pages, mail and receipts, `receipts` for receipts in its place. Anybody may load a `url`, and may keep it: "
        "another picture has another one."
    )
    picture = {"file": b64encode(png()).decode()}
    await page.ask("Upload a logo", about, "PUT", f"{url}/logos/pages", 200, headers=headers, json=picture)
    broken = {"file": b64encode(b"<svg/>").decode()}
    await page.ask("No picture of ours", "", "PUT", f"{url}/logos/pages", 422, headers=headers, json=broken)
    await page.ask("Remove a logo", "", "DELETE", f"{url}/logos/pages", 200, headers=headers)
