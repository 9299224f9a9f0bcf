"""Members of a clinic in a browser of their own: invited by mail, with a password and a second factor that they set up themselves."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser as Chromium
from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser import Browser
from tests.console.town import PASSWORD, Town, code_of

DESK = ViewportSize(width=1280, height=900)
PATIENCE_SECONDS = 20
# Good ones of nobody, by first name.
NPIS = {"Nora": "1992000103", "Otis": "1992000111", "Paul": "1992000129"}


class Member:
    """`page` is the tab that the member works in."""

    def __init__(self, town: Town, browser: Browser, name: tuple[str, str], *, script: bool) -> None:
        self.town = town
        self.page: Page = browser.page
        self.browser = browser
        self.first_name, self.last_name = name
        self.script = script

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}@cedar-clinic.example".lower()

    @classmethod
    @asynccontextmanager
    async def invited(
        cls, town: Town, chromium: Chromium, first_name: str, last_name: str, *, script: bool = True
    ) -> AsyncIterator["Member"]:
        """By the demo's administrator, in the console."""
        async with opened(chromium, script=script) as browser:
            member = cls(town, browser, (first_name, last_name), script=script)
            async with opened(chromium, script=script) as other:
                await member._invite(other.page)
            await town.license(member.email, "CO")
            yield member

    @classmethod
    @asynccontextmanager
    async def of_demo(cls, town: Town, chromium: Chromium) -> AsyncIterator["Member"]:
        """Its clinician, by one click."""
        async with opened(chromium) as browser:
            await browser.page.goto(town.url + town.cedar["signIn"]["staff"])
            yield cls(town, browser, ("Idris", "Cole"), script=True)

    async def _invite(self, page: Page) -> None:
        await page.goto(self.town.url + self.town.cedar["signIn"]["admin"])
        await page.goto(f"{self.town.url}/console/people")
        form = page.get_by_role("region", name="Invite somebody")
        for label, text in (
            ("E-mail", self.email),
            ("First name", self.first_name),
            ("Last name", self.last_name),
            ("NPI", NPIS[self.first_name]),
        ):
            await form.get_by_label(label).fill(text)
        await form.get_by_label("Role").select_option("CASEWORKER")
        await form.get_by_role("button", name="Send the invitation").click()
        await expect(page.get_by_role("table")).to_contain_text(self.name)

    async def enter(self) -> None:
        """From the mail to the first page: a password, a second factor, recovery codes."""
        await come_in(self.page, await self.town.link_in_mail(self.email), self.first_name, self.name)

    async def press(self, key: str, name: str) -> None:
        """The key, or the button or link that it stands for."""
        # A key that is pressed before the script runs is nobody's.
        await self.page.wait_for_load_state()
        if self.script:
            await self.page.keyboard.press(key)
            return
        main, wanted = self.page.get_by_role("main"), re.compile(f"^{name}")
        target = main.get_by_role("button", name=wanted).or_(main.get_by_role("link", name=wanted))
        await target.locator("visible=true").first.click()

    async def until_shown(self, place: Locator, text: str) -> None:
        """Loads the page again until it says so: what the worker does is seen a moment later."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while text not in await place.inner_text():
            assert asyncio.get_running_loop().time() < deadline, f"never {text}: {await place.inner_text()}"
            await asyncio.sleep(0.2)
            await self.page.reload()

    def complaints(self) -> list[str]:
        """Of the browser, such as of a policy that was broken."""
        return self.browser.complaints


async def come_in(page: Page, link: str, first_name: str, name: str) -> None:
    """From the invitation to the first page: a password, a second factor, recovery codes."""
    await page.goto(link)
    await expect(page.get_by_role("heading")).to_have_text(f"Welcome, {first_name}")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password again").fill(PASSWORD)
    await page.get_by_role("button", name="Set the password and go on").click()
    await expect(page.get_by_role("heading")).to_have_text("Set up your second factor")
    await page.get_by_text("No camera?").click()
    secret = (await page.locator("p.id").inner_text()).replace(" ", "")
    await page.get_by_label("Code").fill(code_of(secret))
    await page.get_by_role("button", name="Set up and sign in").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await page.get_by_role("link", name="I have kept them, go on").click()
    await expect(page.get_by_role("navigation", name="Console")).to_contain_text(name)


@asynccontextmanager
async def opened(chromium: Chromium, *, script: bool = True, size: ViewportSize = DESK) -> AsyncIterator[Browser]:
    context = await chromium.new_context(viewport=size, java_script_enabled=script, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    try:
        yield Browser(context, await context.new_page())
    finally:
        await context.close()
