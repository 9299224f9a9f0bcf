"""A real Chromium: Debian's, never one that a test tool downloads. Every request that it makes is written down."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Page, ViewportSize, async_playwright

# It stays on this machine: without these it asks its maker's servers for this and that.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = ViewportSize(width=1100, height=900)
PHONE = ViewportSize(width=375, height=740)
_MISSING = "there is no chromium on this machine; install Debian's package, or run bin/test as root on Debian"


class Browser:
    """One reader's browser, with an empty profile."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hosts(self) -> set[str]:
        """Every host that was asked for anything."""
        return {urlsplit(url).netloc for url in self.requested}

    async def photograph(self, folder: Path, name: str) -> Path:
        """A picture of the whole page, in a folder that is there."""
        path = folder / f"{name}.png"
        await self.page.screenshot(path=path, full_page=True)
        return path


def chromium_path() -> str:
    """Skips the test where there is no Chromium, and fails it where CI is set: there nothing may be left out."""
    found = shutil.which("chromium")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_MISSING)
    return found


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Chromium]:
    """The program, started. What its readers keep they have each for themselves."""
    path = chromium_path()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        try:
            yield chromium
        finally:
            await chromium.close()


@asynccontextmanager
async def opened_browser(chromium: Chromium, size: ViewportSize = DESKTOP) -> AsyncIterator[Browser]:
    """A browser for the length of the block, without scripts of any page: ours need none."""
    context = await chromium.new_context(viewport=size, java_script_enabled=False)
    try:
        yield Browser(context, await context.new_page())
    finally:
        await context.close()
