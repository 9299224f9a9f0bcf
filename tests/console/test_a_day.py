"""A whole day of a clinician's, in a real browser with and without script: invited by mail, until the parcel is there and it is known
who saw the record."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.console.staff import Member
from tests.console.town import Patient, running_town

QUESTION = "Do you take any other medicine?"
NOTE = "Ask for the blood pressure, too."
ANSWER = "Only magnesium, in the evening."
TEMPLATE = "Sumatriptan, as needed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(tmp_path_factory, contract):
    async with running_town(tmp_path_factory.mktemp("town") / "data", contract) as made:
        medicine = {"medicine": "Sumatriptan 50 mg tablets", "dosage": "50 mg", "quantity": "9", "refillCount": 2}
        content = {"outcome": "APPROVED", "text": "Dear {firstName}, one when it begins.", "validDays": 180}
        await made.make_template(TEMPLATE, content | {"medInfo": [medicine]})
        yield made


@pytest.mark.parametrize(
    ("script", "first_name", "patient"),
    [(True, "Nora", Patient("Maya", "Linden", 101)), (False, "Otis", Patient("Rosa", "Hale", 102))],
    ids=["with-script", "without-script"],
)
async def test_from_the_invitation_to_who_saw_it(town, chromium, script, first_name, patient):
    case_id = await town.make_case(patient, ("How many days a month?", "6"), ("Any allergies?", "Penicillin"))
    async with Member.invited(town, chromium, first_name, "Vance", script=script) as member:
        await member.enter()
        await find_the_case(member, patient, case_id)
        await ask(member, patient, case_id)
        await decide_undo_decide(member, case_id)
        await order(member, case_id)
        await see_who_saw(member, patient, case_id)
        assert member.complaints() == []


async def test_two_at_once_on_one_case(town, chromium):
    """Who is there is seen; one decision stands and both are told; nothing that was typed is lost."""
    patient = Patient("June", "Castle", 103)
    case_id = await town.make_case(patient, ("How many days a month?", "4"))
    url = f"{town.url}/console/cases/{case_id}"
    async with (
        Member.of_demo(town, chromium) as idris,
        Member.invited(town, chromium, "Paul", "Vance") as paul,
    ):
        await paul.enter()
        await one_takes_it(idris, paul, patient, url)
        await the_other_adds_a_note(idris, paul, patient, url)
        await one_decision_stands(idris, paul, case_id, url)


async def one_takes_it(idris, paul, patient, url):
    await idris.page.goto(url)
    await paul.page.goto(url)
    await paul.page.get_by_label(f"Write to {patient.first_name}").fill("I would ask for the blood pressure")
    await idris.press("d", "Take the case in hand")
    await expect(idris.page.get_by_role("status").filter(has_text="in your hands")).to_be_visible()
    # Paul's page is of before: what he does is refused and says by whom, and his words are in the field again.
    await paul.page.get_by_role("button", name="Take the case in hand").click()
    await expect(paul.page.get_by_role("alert")).to_contain_text("Idris Cole")
    await expect(paul.page.get_by_label(f"Write to {patient.first_name}")).to_have_value(
        "I would ask for the blood pressure"
    )
    await paul.page.goto(f"{idris.town.url}/console/queue?assignedTo=anyone")
    await expect(paul.page.locator("[data-row]").filter(has_text=patient.name)).to_contain_text("Idris Cole")


async def the_other_adds_a_note(idris, paul, patient, url):
    # While Idris fills his form in, Paul writes a note: the decision is held against what Idris has seen.
    await idris.page.get_by_label("Template").select_option(label=TEMPLATE)
    await idris.page.get_by_role("button", name="Fill in").click()
    await expect(idris.page.get_by_text("Nothing is decided yet")).to_be_visible()
    await idris.page.get_by_label("Text to June").fill("One tablet, then rest.")
    await paul.page.goto(url)
    await expect(paul.page.get_by_label(f"Write to {patient.first_name}")).to_have_value(
        "I would ask for the blood pressure"
    )
    await paul.page.get_by_role("button", name="Keep as note").click()
    await expect(paul.page.get_by_role("status").filter(has_text="The note is kept")).to_be_visible()
    await idris.page.get_by_role("button", name="Decide").click()
    await expect(idris.page.get_by_role("alert")).to_contain_text("Something was added")
    await expect(idris.page.locator("#decision")).to_contain_text("Paul Vance")
    await expect(idris.page.get_by_label("Text to June")).to_have_value("One tablet, then rest.")


async def one_decision_stands(idris, paul, case_id, url):
    await idris.page.get_by_role("button", name="Decide").click()
    await expect(idris.page.get_by_role("status").filter(has_text="You can undo it")).to_be_visible()
    await paul.page.goto(url)
    await expect(paul.page.locator("#decision")).to_contain_text("Idris Cole decided")
    await expect(paul.page.get_by_role("button", name="Undo")).to_have_count(0)
    await idris.town.let_grace_pass(case_id)
    await paul.until_shown(paul.page.locator("header.patient"), "Approved")
    (made,) = (await idris.town.case(case_id))["decisions"]
    assert made["decisionText"] == "One tablet, then rest."


async def find_the_case(member, patient, case_id):
    """By keyboard, where there is script: to the queue, and the next case."""
    page = member.page
    if member.script:
        await page.keyboard.press("g")
        await page.keyboard.press("q")
    else:
        await page.get_by_role("navigation", name="Console").get_by_role("link", name="Queue").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    row = page.locator("[data-row]").filter(has_text=patient.name)
    await expect(row).to_be_visible()
    if member.script:
        await page.keyboard.press("j")
        await expect(row.get_by_role("link", name=patient.name)).to_be_focused()
        await page.keyboard.press("a")
        await expect(page.get_by_role("status").filter(has_text="The case is yours")).to_be_visible()
        await page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        await expect(keys).to_contain_text("Next case")
        await page.keyboard.press("Escape")
        # It is closed a moment later; until then a key is the dialog's.
        await expect(keys).to_be_hidden()
    await member.press("n", "Next case")
    await expect(page).to_have_url(re.compile(case_id))
    await expect(page.get_by_role("heading", level=1)).to_have_text(patient.name)
    await expect(page.locator("header.patient")).to_contain_text("Penicillin")


async def ask(member, patient, case_id):
    """What is asked is answered by the patient; who has the page open sees it come."""
    page = member.page
    await member.press("d", "Take the case in hand")
    await expect(page.get_by_role("status").filter(has_text="The case is in your hands")).to_be_visible()
    if member.script:
        await keep_a_note(page)
        await page.keyboard.press("r")
        await page.keyboard.type(QUESTION)
    else:
        await page.get_by_label(f"Write to {patient.first_name}").fill(QUESTION)
    await page.get_by_role("button", name="Send and wait for the answer").click()
    await expect(page.get_by_role("status").filter(has_text="The case waits for the patient now")).to_be_visible()
    await expect(page.locator("#said")).to_contain_text(QUESTION)
    await member.town.answer(patient, case_id, ANSWER)
    if not member.script:
        await page.reload()
    await expect(page.locator("#said")).to_contain_text(ANSWER, timeout=15_000)


async def keep_a_note(page):
    """The key leads to the field, and once something is typed it keeps that."""
    await page.keyboard.press("i")
    await page.keyboard.type(NOTE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("i")
    await expect(page.get_by_role("status").filter(has_text="The note is kept")).to_be_visible()
    await expect(page.locator("#said")).to_contain_text(NOTE)


async def decide_undo_decide(member, case_id):
    page = member.page
    await page.goto(f"{member.town.url}/console/cases/{case_id}")
    await page.get_by_label("Template").select_option(label=TEMPLATE)
    await page.get_by_role("button", name="Fill in").click()
    await expect(page.get_by_text("Nothing is decided yet")).to_be_visible()
    await expect(page.get_by_label("Medicine", exact=True)).to_have_value("Sumatriptan 50 mg tablets")
    await member.press("d", "Decide")
    await expect(page.get_by_role("status").filter(has_text="You can undo it")).to_be_visible()
    await member.press("u", "Undo")
    await expect(page.get_by_role("status").filter(has_text="Nothing was charged")).to_be_visible()
    await expect(page.get_by_label("Medicine", exact=True)).to_have_value("Sumatriptan 50 mg tablets")
    assert (await member.town.case(case_id))["decisions"] == []
    await member.press("d", "Decide")
    await expect(page.get_by_role("status").filter(has_text="You can undo it")).to_be_visible()
    await member.town.let_grace_pass(case_id)
    await member.until_shown(page.locator("header.patient"), "Approved")
    await member.until_shown(page.locator("#money"), "Paid")
    await expect(page.locator("#money")).to_contain_text("$89.00")


async def order(member, case_id):
    page = member.page
    await member.press("o", "Order what was approved")
    await fill_in_what_is_missing(page)
    await page.get_by_role("button", name="Try the order").click()
    await expect(page.get_by_text("It was only tried: nothing was sent")).to_be_visible()
    await page.get_by_role("button", name="Place the order").click()
    await expect(page).to_have_url(re.compile(rf"/console/cases/{case_id}\?done="))
    await member.until_shown(page.locator("#money"), "delivered")
    assert [one["status"] for one in (await member.town.case(case_id))["orders"]] == ["DELIVERED"]


async def fill_in_what_is_missing(page):
    """The member's own record knows neither an address nor a phone yet."""
    for label, text in {
        "Diagnosis, for the pharmacy": "Migraine",
        "Directions": "Take 1 tablet when a migraine begins",
        "E-mail": "nora.vance@cedar-clinic.example",
        "Phone, such as": "+13035550119",
        "Street": "40 Cedar Avenue",
        "City": "Denver",
        "State": "CO",
        "ZIP code": "80202",
        "Country, two letters": "US",
    }.items():
        field = page.get_by_role("main").get_by_label(label)
        if not await field.input_value():
            await field.fill(text)


async def see_who_saw(member, patient, case_id):
    page = member.page
    await page.goto(f"{member.town.url}/console/cases/{case_id}")
    await page.get_by_role("link", name="Record", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(patient.name)
    await page.get_by_role("navigation", name="In this record").get_by_role("link", name="Who saw this record").click()
    seen = page.get_by_role("table", name="Who saw this record")
    sights = seen.get_by_role("row").filter(has_text="You").filter(has_text="page of a case")
    await expect(sights.first).to_be_visible()
