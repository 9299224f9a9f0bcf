"""The guide's pictures are of the pages as they are, of people who are made up; its pages are there.

CARELANE_WRITE_DOCS=1 bin/test console/test_guide.py takes them again.
"""

import os
import re
import struct
from pathlib import Path

from playwright.async_api import ViewportSize

from carelane.figures.reports.jobs import make_reports_of
from tests.console.first import making
from tests.console.first.desk import Desk
from tests.console.first.making import Made
from tests.console.first.place import running_place
from tests.console.pages import PAGES
from tests.console.staff import DESK, Member, come_in, opened
from tests.console.town import Patient, running_town

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "console.md"
FIRST_CLINIC = ROOT / "docs" / "howto" / "first-clinic.md"
PICTURES = ROOT / "docs" / "pictures"
PHONE = ViewportSize(width=360, height=740)
MOST_BYTES = 2_000_000
# Each picture, and the page that it is of.
SHOWN = {
    "queue": "/console/queue",
    "case": "/console/cases/{case_id}",
    "order": "/console/cases/{case_id}/order",
    "seen": "/console/patients/{patient_id}/seen",
    "catalog": "/console/catalog/forms/{form_id}",
    "billing": "/console/billing/charges/{charge_id}",
    "reports": "/console/reports",
    "audit": "/console/audit",
    "settings": "/console/settings/keys",
    "phone": "/console/cases/{case_id}",
}
# Of the how-to that begins with nothing.
SHOWN_FIRST = {
    "first-form": "/console/catalog/forms/new",
    "first-gateway": "/console/settings/gateway",
    "first-file": "/console/settings/file",
}
MAYA, ROSA, JUNE, NADIA = (
    Patient(first, last, 200 + number)
    for number, (first, last) in enumerate(
        (("Maya", "Linden"), ("Rosa", "Hale"), ("June", "Castle"), ("Nadia", "Frost"))
    )
)
INTAKE = (
    ("How many days a month do you have a migraine?", "6"),
    ("Which medicines do you take?", "Ibuprofen, magnesium"),
    ("Any allergies?", "Penicillin"),
    ("Have you ever had a stroke or chest pain?", "No"),
)


def pictures_in(page: Path) -> list[Path]:
    return [(page.parent / found).resolve() for found in re.findall(r"!\[[^]]+\]\(([^)]+\.png)\)", page.read_text())]


def test_each_page_of_the_guide_has_its_picture():
    assert [picture.stem for picture in pictures_in(GUIDE)] == list(SHOWN)
    assert [picture.stem for picture in pictures_in(FIRST_CLINIC)] == list(SHOWN_FIRST)
    assert {*SHOWN.values(), *SHOWN_FIRST.values()} <= set(PAGES)
    assert len(pictures_in(ROOT / "README.md")) == 2
    for picture in pictures_in(GUIDE) + pictures_in(FIRST_CLINIC) + pictures_in(ROOT / "README.md"):
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n", picture


def test_the_pictures_are_small_and_all_are_shown():
    assert {picture.name for picture in PICTURES.iterdir()} == {f"{name}.png" for name in (*SHOWN, *SHOWN_FIRST)}
    assert sum(picture.stat().st_size for picture in PICTURES.iterdir()) < MOST_BYTES
    for picture in PICTURES.iterdir():
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])
        assert (width, height) == ((360, 740) if picture.stem == "phone" else (1280, 900)), picture


def test_the_keys_of_the_guide_are_those_of_the_pages():
    templates = "".join(page.read_text() for page in (ROOT / "src/carelane/console/templates").rglob("*.html"))
    there = set(re.findall(r'data-(?:row-)?key="(.)"', templates)) | set(re.findall(r'\bkey="(.)"', templates))
    there |= set(re.findall(r'"data-key": "(.)"', templates))
    told = GUIDE.read_text().partition("## Keys")[2].partition("## ")[0]
    assert there <= set(re.findall(r"`(.)`", told))


if "CARELANE_WRITE_DOCS" in os.environ:

    async def test_the_pictures_are_taken(tmp_path, contract, chromium):
        PICTURES.mkdir(exist_ok=True)
        async with running_town(tmp_path / "data", contract) as town:
            await town.make_template("Sumatriptan, as needed", {"outcome": "APPROVED", "text": "One when it begins."})
            ids = [await town.make_case(patient, *INTAKE) for patient in (MAYA, ROSA, JUNE, NADIA)]
            async with Member.of_demo(town, chromium) as idris:
                await work_begins(town, idris, ids)
                await decision_is_made(town, idris, ids[1])
                await it_is_ordered_and_seen(town, idris, ids[1])
            async with opened(chromium) as browser:
                await administration_is_shown(town, browser.page)

    async def test_the_first_clinic_s_pictures_are_taken(tmp_path, chromium):
        async with running_place(tmp_path) as place, opened(chromium) as browser:
            await browser.page.emulate_media(color_scheme="light", reduced_motion="reduce")
            await come_in(browser.page, place.invitation, "Ana", "Ana Brook")
            ana, made = Desk(browser, place.url), Made()
            await making.make_products(ana, made)
            await making.fill_form(ana)
            await take(ana.page, "first-form")
            await ana.press("Make it")
            await making.make_gateway(ana, place)
            await take(ana.page, "first-gateway")
            await making.make_key(ana, made)
            await ana.click("Settings", "Organization file")
            await take(ana.page, "first-file")


async def take(page, name):
    await page.screenshot(path=PICTURES / f"{name}.png")


async def work_begins(town, idris, ids):
    page = idris.page
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")

    await page.goto(f"{town.url}/console/cases/{ids[1]}")
    await idris.press("d", "Take the case in hand")
    await page.wait_for_url("**done=started")
    await page.get_by_label("Write to Rosa").fill("How often do you take Ibuprofen?")
    await page.get_by_role("button", name="Send and wait for the answer").click()
    await page.wait_for_url("**done=asked**")
    await town.answer(ROSA, ids[1], "Twice a week, never more than two tablets.")
    await page.goto(f"{town.url}/console/cases/{ids[2]}")
    await idris.press("d", "Take the case in hand")
    await page.wait_for_url("**done=started")
    await page.goto(f"{town.url}/console/queue")
    await take(page, "queue")


async def decision_is_made(town, idris, case_id):
    page = idris.page
    await page.goto(f"{town.url}/console/cases/{case_id}")
    await page.get_by_label("Approve").check()
    await page.get_by_label("Medicine", exact=True).fill("Sumatriptan 50 mg tablets")
    await page.get_by_label("Dose").fill("50 mg")
    await page.get_by_label("Quantity").fill("9")
    await page.get_by_label("Refills").fill("2")
    await page.get_by_label("Until").fill("2027-10-01")
    await page.evaluate("scrollTo(0, 0)")
    await take(page, "case")
    await page.set_viewport_size(PHONE)
    await page.evaluate("scrollTo(0, 0)")
    await take(page, "phone")


async def it_is_ordered_and_seen(town, idris, case_id):
    page = idris.page
    await page.set_viewport_size(DESK)
    await page.get_by_role("button", name="Decide").click()
    await page.wait_for_url("**done=decided")
    await town.let_grace_pass(case_id)
    await idris.until_shown(page.locator("header.patient"), "Approved")
    await page.goto(f"{town.url}/console/cases/{case_id}/order")
    await take(page, "order")
    await page.goto(f"{town.url}/console/cases/{case_id}")
    await page.get_by_role("link", name="Record", exact=True).click()
    await page.get_by_role("link", name="Who saw this record").click()
    await page.wait_for_url("**/seen")
    await take(page, "seen")


async def administration_is_shown(town, page):
    """Five pages of the demo's administrator, with the figures of today."""
    await make_reports_of(town.world.services, town.organization_id)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.goto(town.url + town.cedar["signIn"]["admin"])
    for name, path, row in (
        ("catalog", "/console/catalog/forms", 0),
        ("billing", "/console/billing/charges", 0),
        ("reports", "/console/reports", None),
        ("audit", "/console/audit", None),
        ("settings", "/console/settings/keys", None),
    ):
        await page.goto(town.url + path)
        if row is not None:
            await page.get_by_role("main").locator("[data-row] a").nth(row).click()
            await page.wait_for_load_state()
        await take(page, name)
