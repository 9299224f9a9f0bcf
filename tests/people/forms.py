"""Forms of the console's pages, filled in and sent as a browser without script does."""

import html
import re

SIGN_IN, SET_UP, ACCOUNT, PEOPLE = "/console/sign-in", "/console/set-up", "/console/account", "/console/people"
_LETTERS = re.compile(r'<p class="id" translate="no">([A-Z2-7 ]+)</p>')
CODES = re.compile(r"<li>([2-9A-Z]{5}-[2-9A-Z]{5})</li>")
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


def form_of(account, **changes):
    body = account.body()
    return {
        "tenant": account.tenant,
        "email": account.email,
        "password": account.password,
        "totp": body.get("totp", ""),
    } | changes


async def send(browser, path, data, page=None, **options):
    """A form of a page at the door, with the token that is in it."""
    token = TOKEN.search((await browser.get(page or path)).text)
    return await browser.post(path, data={"form_token": token[1] if token else ""} | data, **options)


async def enter(browser, account, **changes):
    answer = await send(browser, SIGN_IN, form_of(account, **changes))
    assert answer.status_code == 303, answer.text
    return answer


async def press(browser, page, path, **fields):
    """A form of one's own account's pages, with the token that is in them."""
    token = TOKEN.search((await browser.get(page)).text)
    assert token is not None
    return await browser.post(path, data={"form_token": token[1], **fields})


def said(answer):
    """The words of a page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


def secret_in(answer):
    letters = _LETTERS.search(answer.text)
    assert letters is not None
    return letters[1].replace(" ", "")
