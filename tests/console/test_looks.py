"""Every page in a real Chromium: at a desk and on a phone, light and dark, full and empty, with nothing that axe minds.

A page is loaded once for each clinic; its window and scheme change while it is there.
"""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ViewportSize

from carelane.sessions.access import COOKIE
from tests.console.pages import PAGES, ROLES, every_page, may

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
# 200 % zoom of a desk is a window of half the width with pixels of twice the size.
ZOOMED = ViewportSize(width=640, height=450)
_AXE = json.dumps(
    {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
)
# What depends on colors; nothing else is another in the dark.
_AXE_COLORS = json.dumps(
    {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
)
# In the page: what is wider than the window, and what it is.
_TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((part) => part.getBoundingClientRect().right > width + 1)
    .slice(-3).map((part) => part.outerHTML.slice(0, 200)).concat("scrolls sideways: " + document.documentElement.scrollWidth);
}
"""


class Reader:
    """A tab of somebody who is signed in, and what it complained of and asked for."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.complaints, self.requested = [], []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requested.append(request.url))

    def forget(self):
        self.complaints.clear()
        self.requested.clear()

    async def show(self, path):
        self.forget()
        await self.page.set_viewport_size(DESK)
        await self.page.emulate_media(color_scheme="light")
        return await self.page.goto(self.url + path, wait_until="load")

    async def violations(self, options=_AXE):
        """Axe is injected once for each page that is loaded, past its policy, as a person's own tools are."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(AXE_SCRIPT)
        found = await self.page.evaluate(f"axe.run(document, {options})")
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    async def too_wide(self):
        return await self.page.evaluate(_TOO_WIDE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readers(server, chromium, world):
    """For each role a tab in the full clinic, and one in the empty clinic."""
    contexts, made = [], {}
    for role in ROLES:
        for name, members in (("full", world.staff), ("empty", world.strangers)):
            context = await chromium.new_context(viewport=DESK, reduced_motion="reduce")
            await context.add_cookies([{"name": COOKIE.name, "value": members[role].token, "url": server.url}])
            made[role, name] = Reader(await context.new_page(), server.url)
            contexts.append(context)
    yield made
    for context in contexts:
        await context.close()


# A full page in both windows. An empty one is told apart by what stands in its middle, which a phone shows like a desk.
FULL, EMPTY = (DESK, PHONE), (PHONE,)


async def looks_good(reader, name, photos, sizes=FULL):
    found = []
    for size in sizes:
        # Both windows have the same colors: in the dark one is looked at, unless pictures are wanted.
        schemes = ("light", "dark") if size == PHONE or photos is not None else ("light",)
        for scheme in schemes:
            await reader.page.set_viewport_size(size)
            await reader.page.emulate_media(color_scheme=scheme)
            where = f"{name} at {size['width']} px, {scheme}"
            found += [
                f"{where}: {text}" for text in await reader.violations(_AXE if scheme == "light" else _AXE_COLORS)
            ]
            if scheme == "light":
                found += [f"{where}: {text}" for text in await reader.too_wide()]
            if photos is not None:
                file = f"{name.strip('/').replace('/', '-')}-{size['width']}-{scheme}.png"
                await reader.page.screenshot(path=photos / file, full_page=True)
    await reader.page.set_viewport_size(ZOOMED)
    found += [f"{name} at 200 %: {text}" for text in await reader.too_wide()]
    return found


@pytest.fixture(scope="module")
def photos():
    """CARELANE_PHOTOS names a folder for pictures of all pages."""
    folder = os.environ.get("CARELANE_PHOTOS")
    if folder is None:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


@pytest.mark.parametrize("path", every_page("page"))
async def test_a_page_is_for_everybody(world, readers, photos, path):
    example = PAGES[path]
    role = next(role for role in ROLES if may(role, example))
    found = []
    for clinic in ("full", "empty"):
        if clinic == "empty" and "{" in path:
            continue
        reader = readers[role, clinic]
        answer = await reader.show(world.path(path, example.query))
        assert answer is not None
        # A browser follows where it is led.
        assert answer.status == (200 if example.answer == 303 else example.answer)
        found += await looks_good(
            reader, f"{path} {clinic}".replace(" ", "-"), photos, FULL if clinic == "full" else EMPTY
        )
        # Chromium minds a status that is an error.
        found += [f"{path}: {text}" for text in reader.complaints if f"status of {answer.status}" not in text]
        hosts = {urlsplit(url).netloc for url in reader.requested if not url.startswith("data:")}
        assert hosts == {urlsplit(reader.url).netloc}
    assert found == []


async def test_a_page_that_is_not_there_is_for_everybody(readers, photos):
    reader = readers["ADMIN", "full"]
    answer = await reader.show("/console/nothing")
    assert answer.status == 404
    assert await looks_good(reader, "error", photos) == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def spanish(server, chromium, world):
    """For each role a phone whose owner reads Spanish: its words are longer."""
    contexts, made = [], {}
    for role in ROLES:
        context = await chromium.new_context(viewport=PHONE, reduced_motion="reduce", locale="es-US")
        await context.add_cookies([{"name": COOKIE.name, "value": world.staff[role].token, "url": server.url}])
        made[role] = Reader(await context.new_page(), server.url)
        contexts.append(context)
    yield made
    for context in contexts:
        await context.close()


@pytest.mark.parametrize("path", every_page("page"))
async def test_a_page_fits_a_phone_in_spanish(world, spanish, photos, path):
    example = PAGES[path]
    reader = spanish[next(role for role in ROLES if may(role, example))]
    await reader.page.goto(reader.url + world.path(path, example.query), wait_until="load")
    assert await reader.page.get_attribute("html", "lang") == "es"
    assert await reader.too_wide() == []
    if photos is not None:
        await reader.page.screenshot(path=photos / f"es-{path.strip('/').replace('/', '-')}.png", full_page=True)
