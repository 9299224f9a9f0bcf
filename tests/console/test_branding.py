"""The clinic's logo on the branding page, and previews by the templates that patients get."""

import re
from uuid import UUID

import pytest

from carelane.kit.auth import system_actor
from carelane.messages.templates.actions import change_mail_template
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.own_clinic import make_clinic
from tests.pictures import NO_PICTURES, heavy, png

URL = "/console/catalog/branding"
LOGO = re.compile(r'src="(/logos/[0-9a-f]{64})"')


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
async def ida(services, shop):
    return await sign_in(services, shop, "ADMIN")


@pytest.fixture
def send(client, ida):
    async def post(path, content=None, **fields):
        return await client.post(
            f"{URL}/{path}",
            data={"form_token": ida.form_token, **fields},
            files=None if content is None else {"file": ("logo.png", content, "image/png")},
            cookies={COOKIE.name: ida.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


@pytest.fixture
def page(client, ida):
    async def get():
        return (await client.get(URL, cookies={COOKIE.name: ida.token})).text

    return get


async def test_a_logo_is_uploaded_shown_and_removed(client, send, page):
    assert "There is no logo yet" in await page()
    sent = await send("set-logo", png(), usedOn="pages")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{URL}?done=logo")
    assert (await send("set-logo", png(color=(1, 2, 3)), usedOn="receipts")).status_code == 303
    shown = LOGO.findall(await page())
    assert len(shown) == 2
    assert (await client.get(shown[0])).content == png()
    quote = await send("quote-preview", name="Shop")
    assert LOGO.findall(quote.text) == shown[:1]
    assert (await send("remove-logo", usedOn="receipts")).status_code == 303
    assert LOGO.findall(await page()) == shown[:1]
    assert (await send("remove-logo", usedOn="walls")).status_code == 404
    assert (await send("remove-logo", usedOn="pages")).headers["location"] == f"{URL}?done=no-logo"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "expected a PNG, JPEG or WebP picture"),
        (NO_PICTURES["page behind a PNG"], "expected a PNG, JPEG or WebP picture"),
        (NO_PICTURES["svg"], "expected a PNG, JPEG or WebP picture"),
        (heavy(200_000), "expected at most 200 kB"),
        (png(2_001, 1), "expected at most 2,000 x 2,000 pixels"),
    ],
)
async def test_what_is_no_logo_is_said_at_its_field(send, page, content, said):
    refused = await send("set-logo", content, usedOn="receipts")
    assert refused.status_code == 422
    assert said in re.search(r'<div class="field drop bad".*?</div>', refused.text, re.DOTALL)[0]
    assert 'value="receipts" selected' in refused.text
    assert not LOGO.search(await page())


async def test_previews_are_what_patients_get_with_what_is_typed(send, page):
    before = re.sub(r'value="[0-9a-f]{32}"', "", await page())
    quote = await send("quote-preview", name="Typed <b>Clinic</b>")
    assert quote.status_code == 200
    assert '<p class="clinic">Typed &lt;b&gt;Clinic&lt;/b&gt;</p>' in quote.text
    assert "$159.00" in quote.text
    assert quote.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    assert "form-action 'none'" in quote.headers["content-security-policy"]
    mail = await send("mail-preview", name="Typed Clinic")
    assert "A quote from Typed Clinic" in mail.text
    assert "Typed Clinic has prepared a quote for you." in mail.text
    assert "The clinic" in (await send("quote-preview", name=" ")).text
    assert re.sub(r'value="[0-9a-f]{32}"', "", await page()) == before


async def test_a_mail_in_own_html_is_previewed_as_it_leaves(client, services, shop, send):
    words = MailTemplateIn(
        subject="Yours", text="{link}", html='<p style="color: #7a1f5c">{clinic} says <a href="{link}">hello</a></p>'
    )
    await change_mail_template(services, system_actor(UUID(shop.organization_id)), "QUOTE", "en", words, None)
    await send("set-logo", png(480, 56), usedOn="pages")
    mail = await send("mail-preview", name="Typed Clinic")
    assert '<p style="color: #7a1f5c">Typed Clinic says' in mail.text
    picture = re.search(r'<img src="(http[^"]+)" alt="Typed Clinic" width="240" height="28">', mail.text)
    assert (await client.get(picture[1])).content == png(480, 56)
    policy = mail.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src http")
    assert "script" not in policy
