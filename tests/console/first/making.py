"""What the administrator of an empty organization does, by pages alone, until it can take cases, orders and money."""

import re

import msgspec
from playwright.async_api import expect

from tests.console.first.desk import Desk
from tests.console.first.place import Place
from tests.pictures import png

CLINICIAN = "omar.reed@willow.example"
GATEWAY_KEY, GATEWAY_SECRET = "sk_test_willow0first", "whsec_willow0first"
TABLETS, CHECK_UP = "Allergy tablets", "Yearly check-up"
FORM, BUNDLE, LOCATION, TAX, CODE = "Allergy intake", "Allergy care", "Harbor Street", "State sales tax", "WELCOME10"
PHARMACY, DRUG = "pharmacy-123", "drug-456"
LOGO = png()
REACTS, WHAT = "Does anything make you sneeze?", "What is it?"


class Made(msgspec.Struct, kw_only=True):
    """What was read off the pages, for whoever builds the storefront."""

    key: str = ""
    webhook_secret: str = ""
    product_id: str = ""
    location_id: str = ""


async def make_catalog(ana: Desk, made: Made) -> None:
    await make_products(ana, made)
    await fill_form(ana)
    await ana.press("Preview, without saving")
    await expect(ana.main).to_contain_text("Only if")
    await ana.press("Go on with what you typed")
    await ana.press("Make it")
    await ana.told("It is made.")
    await ana.click("Catalog", "Bundles", "New bundle")
    await ana.fill({"Name": BUNDLE, "Price in USD": "39.00", TABLETS: True, CHECK_UP: True, "Form before": FORM})
    await ana.fill({"Name in addresses": "allergy-care"})
    await ana.press("Make it")
    await ana.told("It is made.")


async def make_products(ana: Desk, made: Made) -> None:
    await expect(ana.main).to_contain_text("What a clinic needs before its first case")
    await ana.click("Products, a form and a bundle")
    await expect(ana.main).to_contain_text("There are no products yet")
    for name, price, kind in ((TABLETS, "24.00", "Medicine"), (CHECK_UP, "45.00", "Service")):
        await ana.click("Products", "New product")
        await ana.fill({"Name": name, "Price in USD": price, "What it is": kind})
        await ana.press("Make it")
        await ana.told("It is made.")
    made.product_id = await _id_of(ana, TABLETS)


async def fill_form(ana: Desk) -> None:
    """In the editor: two questions, the second only for who says yes to the first."""
    await ana.click("Catalog", "Forms", "New form")
    await ana.fill({"Name": FORM})
    await ana.press("Add a question")
    for number, (text, kind) in enumerate(((REACTS, "Yes or no"), (WHAT, "Text")), start=1):
        one = ana.main.get_by_role("group", name=f"Question {number}", exact=True)
        await ana.fill(
            {"Text": text, "Type": kind, "An answer is required": True, "The answer is health information": True}, one
        )
    second = ana.main.get_by_role("group", name="Question 2", exact=True)
    await ana.press("Look it over")
    await ana.fill({"Asked": f"1. {REACTS}", "if the answer is one of these, one on a line": "Yes"}, second)


async def make_prices(ana: Desk, made: Made) -> None:
    """Where it sells, what is raised there, and a code."""
    await ana.click("Catalog", "Locations", "New location")
    await ana.fill({"Name": LOCATION, "Address": "1 Harbor Street", "City": "San Francisco", "State": "CA"})
    await ana.fill({"ZIP code": "94111", "Country": "US", "Time zone": "America/Los_Angeles"})
    await ana.press("Make it")
    await ana.told("It is made.")
    made.location_id = await _id_of(ana, LOCATION)
    await ana.click("Catalog", "Taxes", "New tax")
    await ana.fill({"Name": TAX, "Percent": "7.25", LOCATION: True})
    await ana.press("Make it")
    await ana.told("It is made.")
    await ana.click("Catalog", "Promo codes", "New promo code")
    await ana.fill({"Code": CODE, "Percent off": "10", BUNDLE: True, "Storefronts show it to everybody": True})
    await ana.press("Make it")
    await ana.told("It is made.")


async def _id_of(ana: Desk, name: str) -> str:
    """Out of the address of its page."""
    address = await ana.main.get_by_role("link", name=name, exact=True).get_attribute("href")
    return str(address).rpartition("/")[2]


async def make_pharmacy(ana: Desk) -> None:
    await ana.click("Settings", "Pharmacies")
    await ana.fill({"Name": "The simulated pharmacy", "Code": PHARMACY, "How it takes orders": "Simulator, for trials"})
    await ana.press("Add it and show its secret")
    await ana.told("The pharmacy")
    await ana.click("Catalog", "Drugs", "New drug")
    await ana.fill({"Name and strength": "Cetirizine 10 mg tablets", "Code": DRUG, "Product it belongs to": TABLETS})
    await ana.press("Make it")
    await ana.told("It is made.")


async def make_gateway(ana: Desk, place: Place) -> None:
    """Test mode; the gateway is told where its webhooks go, as in a dashboard."""
    await ana.click("Settings", "Payment gateway", "Add an account Test money")
    await ana.fill({"Secret key": GATEWAY_KEY, "Webhook secret": GATEWAY_SECRET, "Type test": "test"})
    await ana.press("Save the account")
    await ana.told("The account is saved.")
    await ana.fill({"Cases are charged": "when a clinician approves"})
    await ana.press("Save when money is taken")
    await ana.told("It is saved.")
    shown = await ana.main.get_by_text(re.compile(r"^http://\S+/gateways/stripe/\S+$")).first.inner_text()
    place.gateway.register(shown.strip(), GATEWAY_SECRET, key=GATEWAY_KEY)


async def make_key(ana: Desk, made: Made) -> None:
    await ana.click("Settings", "Keys and clients")
    await ana.fill({"Name": "Storefront"})
    scopes = ana.main.get_by_role("group", name="What it may do")
    for box in await scopes.get_by_role("checkbox").all():
        await box.check()
    await ana.press("Make it and show its secret")
    made.key = (await ana.main.locator("code").inner_text()).strip()
    await ana.click("I have kept it, go on")
    await expect(ana.main).to_contain_text("Storefront")
    assert made.key not in await ana.page.content()


async def make_webhook(ana: Desk, place: Place, made: Made) -> None:
    await ana.click("Settings", "Webhooks")
    await ana.fill({"Name": "Shop", "Address": place.receiver.url})
    await ana.press("Add it and show its secret")
    made.webhook_secret = (await ana.main.locator("code").inner_text()).strip()
    await ana.click("I have kept it, go on")
    await ana.press("Send a test")
    await place.receiver.received.get()


async def make_branding(ana: Desk) -> None:
    await ana.click("Catalog", "Branding")
    await ana.fill({"Name in addresses": "willow", "Line under the name": "Breathe again", "Main color": "#0b5c74"})
    await ana.fill({"Form that is asked": FORM, "Bundle that is offered": BUNDLE})
    await ana.press("Save the changes")
    await ana.told("changed")
    logo = {"name": "logo.png", "mimeType": "image/png", "buffer": LOGO}
    await ana.main.get_by_label("Picture", exact=True).set_input_files(logo)
    await ana.press("Upload the logo")
    await ana.told("The logo is saved.")


async def make_mail(ana: Desk) -> None:
    """A receipt in the clinic's own words, for those who read Spanish."""
    await ana.click("Mail")
    await ana.main.get_by_role("link", name=re.compile(r"^A receipt\s*, Español$", re.IGNORECASE)).click()
    await ana.fill(
        {"Subject": "Gracias de {clinic}", "Plain text": "Hola {firstName}:\n\n{link}", "HTML": "<p>{link}</p>"}
    )
    await ana.press("Save the words")
    await ana.told("The words are saved.")


async def invite_clinician(ana: Desk) -> None:
    """With licenses, and in turn for new cases."""
    await ana.click("Settings")
    await ana.fill({"Who gets a new case": "One clinician after the other"})
    await ana.press("Save the settings")
    await ana.told("The settings are saved.")
    await ana.click("People")
    form = ana.main.get_by_role("region", name="Invite somebody")
    await ana.fill(
        {"E-mail": CLINICIAN, "First name": "Omar", "Last name": "Reed", "Role": "Clinician", "NPI": "1992000111"}, form
    )
    await ana.press("Send the invitation", form)
    await ana.told("The invitation is on its way.")
    await ana.click("Omar Reed")
    for number, state in ((1, "CA"), (2, "NY")):
        held = ana.main.get_by_role("group", name=f"License {number}", exact=True)
        await ana.fill({"State": state, "Number": f"{state}-1001", "Good until": "2099-12-31"}, held)
        if number == 1:
            await ana.press("Save the member")
            await ana.told("The member is changed.")
    await ana.press("Save the member")
    await ana.told("The member is changed.")
