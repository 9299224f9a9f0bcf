"""Which language a patient's page speaks: the one that was chosen on such a page before, else the browser's.

Whoever reads on somebody else's phone chooses by the buttons at the end of the page. The choice is a cookie and says nothing of anybody.
"""

import re
from contextvars import ContextVar

import msgspec
from litestar.handlers import BaseRouteHandler

from carelane.kit import languages
from carelane.web.html.cookies import SessionCookie
from carelane.web.html.security import AnyConnection

COOKIE = SessionCookie("carelane_language", lifetime_seconds=31_536_000)
STEP = "language"
# What a page of ours may be called behind its area: a token, perhaps a step and a query.
_PAGE = re.compile(r"(receipts/)?[\w\-]+(/(reschedule|cancel|book|items))?(\?[\w\-=&%.+~:/]*)?", re.ASCII)
# Steps that only forms have: the page is the path without them.
_ACTS = frozenset({"verify", "respond", "pay", "confirm", "card"})

_here: ContextVar[str] = ContextVar("here", default="")


class Choice(msgspec.Struct, frozen=True):
    """The buttons at the end of a page; `page` is the one that they lead back to, behind its area."""

    action: str
    page: str
    names: dict[str, str]
    spoken: str


async def hear(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """A guard: from here on the page speaks the reader's language."""
    listen(connection)
    query = connection.url.query
    _here.set(f"{connection.url.path}?{query}" if query else connection.url.path)


def listen(connection: AnyConnection) -> None:
    """The same for an error at an address that no guard stands before. It offers no choice."""
    languages.speak(connection.headers.get("accept-language", ""), COOKIE.read(connection) or "")
    _here.set("")


def choice(base: str) -> Choice | None:
    """For the page in hand, in the area whose addresses begin with `base`. None where there is nothing to choose."""
    names, page = languages.choices(), _page_behind(base)
    return Choice(f"{base}/{STEP}", page, names, languages.language()) if len(names) > 1 and page else None


def is_page(page: str) -> bool:
    return _PAGE.fullmatch(page) is not None


def _page_behind(base: str) -> str:
    path, mark, query = _here.get().partition(f"/{base.rpartition('/')[2]}/")[2].partition("?")
    before, _, last = path.rpartition("/")
    if last in _ACTS:
        return before
    return page if is_page(page := f"{path}{mark}{query}") else ""
