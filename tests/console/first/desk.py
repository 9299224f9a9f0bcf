"""A member's browser, told in the words of the pages."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser import Browser


class Desk:
    """One member of the clinic, signed in."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.page: Page = browser.page
        self.url = url

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    async def click(self, *names: str) -> None:
        """The links of these names, one page after the other, from wherever one is."""
        for name in names:
            await self.page.get_by_role("link", name=re.compile(rf"^{re.escape(name)}( \d+.*)?$")).first.click()
            await self.page.wait_for_load_state()

    async def press(self, name: str, place: Locator | None = None) -> None:
        await (place or self.main).get_by_role("button", name=name, exact=True).click()
        await self.page.wait_for_load_state()

    async def fill(self, said: dict[str, Any], place: Locator | None = None) -> None:
        """Fields by their labels: True ticks, False unticks, a text is typed or chosen."""
        for label, value in said.items():
            wanted = re.compile(rf"^\s*{re.escape(label)}( \(optional\))?\s*$")
            field = (place or self.main).get_by_label(wanted).and_(self.page.locator("input, select, textarea"))
            if isinstance(value, bool):
                await field.set_checked(value)
            elif await field.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(label=value)
            else:
                await field.fill(value)

    async def told(self, text: str) -> None:
        """The page says so after an act."""
        news = self.page.get_by_role("status").filter(has_text=text)
        try:
            await expect(news.first).to_be_visible()
        except AssertionError as error:
            raise AssertionError(f"{text!r} is not said; the page: {await self.main.inner_text()}") from error

    async def until(self, text: str, place: Locator | None = None) -> None:
        """Loads the page again until it says so: what the worker does is seen a moment later."""
        for _ in range(100):
            if text in await (place or self.main).inner_text():
                return
            await self.page.wait_for_timeout(100)
            await self.page.reload()
        raise AssertionError(f"never {text!r}: {await (place or self.main).inner_text()}")
