"""What the clinic does afterwards: a storefront sends a case, a clinician decides, a pharmacy delivers, the desk sells."""

import re
from typing import Any

from playwright.async_api import expect

from carelane.demo.gateway import GOOD_METHOD
from carelane.surfaces.docs.examples import CREATE_CASE, PLACE_ORDER
from tests.console.first import making
from tests.console.first.desk import Desk
from tests.console.first.making import Made
from tests.console.first.place import Place, command

PATIENT = "John Doe"
WORTH = "$159.00"


async def send_case(place: Place, made: Made) -> str:
    """As seed 000 prints it, of this clinic's product and with a card that is kept for it. Returns the case's id."""
    key = {"cv-api-key": made.key}
    bundles = await _answer(place, "GET", "/api/v1/organization/bundles", key)
    assert making.BUNDLE in str(bundles)
    wanted = {"isTest": True, "metadata": {"email": CREATE_CASE["user"]["email"]}}
    setup_id = (await _answer(place, "POST", "/api/v1/payments/setup", key, wanted))["paymentSecret"].partition(
        "_secret_"
    )[0]
    gateway = place.gateway.client(making.GATEWAY_KEY)
    gateway.v1.setup_intents.confirm(
        setup_id, {"payment_method": GOOD_METHOD, "return_url": "https://willow.example/thanks"}
    )
    asked = [{"question": making.REACTS, "type": "BOOLEAN", "answer": True}]
    asked += [{"question": making.WHAT, "type": "TEXT", "phi": True, "answer": "Birch pollen"}]
    product = CREATE_CASE["products"][0] | {"id": made.product_id, "form": {"title": making.FORM, "questions": asked}}
    payment = CREATE_CASE["payment"] | {"providerReference": {"type": "SETUP_INTENT", "id": setup_id}}
    case = await _answer(place, "POST", "/api/v1/cases", key, CREATE_CASE | {"products": [product], "payment": payment})
    return str(case["data"]["caseId"])


async def decide(place: Place, omar: Desk, case_id: str) -> None:
    """It is assigned to the clinic's only clinician, who is licensed where the patient lives."""
    await omar.click("Queue")
    row = omar.main.locator("[data-row]").filter(has_text=PATIENT)
    await row.get_by_role("link", name=PATIENT).click()
    await expect(omar.page).to_have_url(re.compile(case_id))
    await expect(omar.main).to_contain_text("Birch pollen")
    await omar.press("Take the case in hand")
    await omar.told("The case is in your hands")
    await omar.main.get_by_label("Approve").check()
    await omar.fill(
        {
            "Medicine": "Cetirizine 10 mg",
            "Dose": "10 mg",
            "How often": "once a day",
            "Refills": "3",
            "Until": "2099-01-01",
        }
    )
    await omar.press("Decide")
    await omar.told("You can undo it")
    await place.let_grace_pass()
    await omar.until("Approved", omar.page.locator("header.patient"))
    await omar.until("Paid", omar.page.locator("#money"))
    await expect(omar.page.locator("#money")).to_contain_text(WORTH)


async def order(place: Place, made: Made, omar: Desk, case_id: str) -> None:
    """As seed 001 prints it; the pharmacy takes it and delivers."""
    item = PLACE_ORDER["order"]["prescriptionItems"][0] | {"drugId": making.DRUG}
    body = PLACE_ORDER | {"order": PLACE_ORDER["order"] | {"pharmacyId": making.PHARMACY, "prescriptionItems": [item]}}
    await _answer(place, "POST", f"/api/v1/cases/{case_id}", {"cv-api-key": made.key}, body)
    await omar.page.reload()
    await omar.until("delivered", omar.page.locator("#money"))


async def sell(ana: Desk) -> None:
    """At the desk: a cart of the account, its charge, and cash."""
    await ana.click("Patients", PATIENT, "Account, credit and payments")
    await ana.press("Begin a cart")
    for text in (making.CHECK_UP, making.BUNDLE):
        await ana.fill({"Product or bundle": text})
        await ana.press("Look for it")
        await ana.press(f"Add {text}")
    charge = ana.main.get_by_role("button", name=re.compile(r"^Charge \$[\d.]+ now$"))
    amount = (await charge.inner_text()).removeprefix("Charge $").removesuffix(" now")
    await charge.click()
    await ana.fill({"Amount that is handed over": amount, "How": "Cash"})
    await ana.press("Take the payment")
    await expect(ana.main).to_contain_text("Paid")
    await ana.click("Billing", "Books")
    await expect(ana.main).to_contain_text("Owed by patients")


def books(place: Place) -> str:
    """What the gateway says beside what is in the books: nothing is told where both are the same."""
    return command(["reconcile"], place.data_dir, place.settings())


async def _answer(place: Place, method: str, path: str, key: dict[str, str], body: Any = None) -> Any:
    answer = await place.client.request(method, path, headers=key, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()
