"""From templates to pages. Everything that people wrote is escaped; a name that a template misspells is an error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from carelane.kit import languages
from carelane.kit.languages import _
from carelane.kit.phi import Phi
from carelane.web.html.assets import Asset
from carelane.web.html.languages import choice
from carelane.web.html.security import PAGE_HEADERS, with_pictures

_LAYOUTS = Path(__file__).parent / "templates"
PATIENT_STYLES = Asset(Path(__file__).parent / "static" / "page.css", "text/css")


def make_environment(folder: Path, **filters: Callable[..., Any]) -> Environment:
    """The only way we make an environment: templates of `folder`, and the layouts that all pages share."""
    environment = Environment(
        loader=FileSystemLoader([folder, _LAYOUTS]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= filters
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = languages.language
    return environment


class PageContent(Phi, msgspec.Struct, frozen=True):
    """A page before it is rendered: which template, and what it shows."""

    template: str
    values: dict[str, object]
    status: int = 200
    headers: dict[str, str] = {}


def notice(
    status: int, title: str, *paragraphs: str, clinic: str | None = None, logo: str | None = None
) -> PageContent:
    """A page with a few sentences and nothing to do."""
    return PageContent(
        "notice.html", {"title": title, "paragraphs": paragraphs, "clinic": clinic, "logo": logo}, status
    )


def show_leading_on(clinic: str, url: str) -> PageContent:
    """For an address elsewhere that a form may not lead to: a link that the browser follows by itself."""
    return PageContent("leading_on.html", {"title": _("One moment"), "clinic": clinic, "url": url})


class Pages:
    """The pages of one area: its templates and its stylesheet."""

    def __init__(self, folder: Path, styles: Asset) -> None:
        self._environment = make_environment(folder)
        self._styles = styles

    def render(self, base: str, content: PageContent) -> Response[str]:
        """`base` is the path that the area's addresses begin with; before its last step is where all of ours do."""
        template = self._environment.get_template(content.template)
        root = base.rpartition("/")[0]
        html = template.render(content.values, styles=self._styles.url(base), root=root, choice=choice(base))
        headers = PAGE_HEADERS | content.headers
        if content.values.get("logo"):
            headers["Content-Security-Policy"] = with_pictures(headers["Content-Security-Policy"])
        return Response(html, status_code=content.status, media_type="text/html", headers=headers)


def see_other(path: str) -> Response[Any]:
    """After a form was sent: leads to a page, so that reloading it sends nothing again."""
    return Response("", status_code=303, media_type="text/html", headers=PAGE_HEADERS | {"Location": path})
