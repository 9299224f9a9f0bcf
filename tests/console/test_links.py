"""Every link and form of a page leads to a route there is, and every link within it to a part that it has."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from carelane.sessions.access import COOKIE
from tests.console.pages import PAGES, every_page, found_routes, may

_TARGET = re.compile(r'<(?:(a|area)\b[^>]*?\bhref|(form|button)\b[^>]*?\b(?:form)?action)="([^"]*)"')
_METHOD = re.compile(
    r'<form\b[^>]*\bmethod="post"[^>]*\baction="([^"]*)"|<form\b[^>]*\baction="([^"]*)"[^>]*\bmethod="post"'
)
_ID = re.compile(r'\bid="([^"]+)"')
_PARAMETER = re.compile(r"\\{[^}]*\\}")


def matchers(method):
    paths = [path for found, path in found_routes() if found == method]
    return [re.compile(_PARAMETER.sub("[^/]+", re.escape(path))) for path in paths]


def strays(path, text):
    """What leads nowhere."""
    ids = set(_ID.findall(text))
    reading, writing = matchers("GET"), matchers("POST")
    posted = {unescape(one or other) for one, other in _METHOD.findall(text)}
    for link, form, target in _TARGET.findall(text):
        address = urlsplit(unescape(target))
        # Files are handed out elsewhere.
        if address.scheme or address.netloc or address.path.startswith("/documents/"):
            continue
        if not address.path:
            if address.fragment and address.fragment not in ids:
                yield f"#{address.fragment}"
            continue
        known = writing if form and (form == "button" or unescape(target) in posted) else reading
        if not any(one.fullmatch(address.path) for one in known):
            yield f"{link or form} {target}"


@pytest.mark.parametrize("role", ["ADMIN", "CASEWORKER", "SUPPORT"])
@pytest.mark.parametrize("path", every_page("page"))
async def test_a_page_leads_nowhere_but_to_pages(world, ask, path, role):
    if not may(role, PAGES[path]) or PAGES[path].answer != 200:
        return
    headers = {"Cookie": f"{COOKIE.name}={world.staff[role].token}"}
    answer = await ask.get(world.path(path, PAGES[path].query), headers=headers)
    assert answer.status_code == 200
    assert not [*strays(path, answer.text)]
