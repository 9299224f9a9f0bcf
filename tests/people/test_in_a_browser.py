"""From the invitation to the account in a real Chromium, on a desk and on a phone, by light and by dark."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import ViewportSize

from tests.browser import opened_browser
from tests.people.cast import PASSWORD, code_of

# Where to keep what the pages look like; nowhere, unless it is said.
LOOKS = os.environ.get("CARELANE_LOOKS")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
async def test_from_the_invitation_to_the_account(house, chromium, width, scheme):
    address = f"amara.voss-{width}@harbor-health.example"
    await house.invite("mira.stone@harbor-health.example")
    await house.invite(address, "ADMIN", firstName="Amara", lastName="Voss", title="Dr.")
    base = str(house.world.client.base_url).rstrip("/")
    async with opened_browser(chromium, ViewportSize(width=width, height=800)) as browser:
        page = browser.page
        await page.emulate_media(color_scheme=scheme)

        async def look(name):
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, name
            if LOOKS:
                await page.screenshot(path=Path(LOOKS) / f"{name}-{width}-{scheme}.png", full_page=True)

        async def send(**fields):
            for name, text in fields.items():
                await page.fill(f"#f-{name}", text)
            # What is looked at then is the page that follows, and all of it.
            async with page.expect_event("load"):
                await page.locator("button.main").last.click()

        await page.goto(f"{base}/console/invitation/{await house.token(address)}")
        await look("invitation")
        await send(password=PASSWORD, again="another password")
        await look("invitation-refused")
        await send(password=PASSWORD, again=PASSWORD)
        await look("set-up")
        await page.locator("summary").click()
        secret = (await page.locator("p.id").inner_text()).replace(" ", "")
        await send(code="000000")
        await look("set-up-refused")
        await send(code=code_of(secret))
        await look("codes")
        for path, name in (("account", "account"), ("people", "people"), ("sign-in?done=out", "sign-in")):
            await page.goto(f"{base}/console/{path}")
            await look(name)
        await send(tenant=house.clinic.tenant, email=address, password="not the password")
        await look("sign-in-refused")
        for path in ("sign-in?recovery=1", "forgot", "forgot?done=sent", "reset/x"):
            await page.goto(f"{base}/console/{path}")
            await look(path.replace("/", "-").replace("?", "-"))
        assert browser.hosts() == {urlsplit(base).netloc}
        # Chromium minds what was refused, and nothing else.
        assert [line for line in browser.complaints if "status of" not in line] == []
