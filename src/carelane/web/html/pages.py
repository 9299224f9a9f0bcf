"""From templates to pages. Everything that people wrote is escaped; a name that a template misspells is an error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from carelane.web.html.assets import Asset
from carelane.web.html.security import PAGE_HEADERS

_LAYOUTS = Path(__file__).parent / "templates"
PATIENT_STYLES = Asset(Path(__file__).parent / "static" / "page.css", "text/css")


def make_environment(folder: Path, **filters: Callable[..., Any]) -> Environment:
    """The one way to make one: templates of `folder`, above the layouts that all pages share."""
    environment = Environment(
        loader=FileSystemLoader([folder, _LAYOUTS]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= filters
    return environment


class Pages:
    """The pages of one area: its templates and its stylesheet. `base` is the path that its addresses begin with."""

    def __init__(self, folder: Path, styles: Asset) -> None:
        self._environment = make_environment(folder)
        self._styles = styles

    def page(self, base: str, template: str, status: int = 200, **values: object) -> Response[str]:
        html = self._environment.get_template(template).render(styles=self._styles.url(base), **values)
        return Response(html, status_code=status, media_type="text/html", headers=dict(PAGE_HEADERS))

    def notice(self, base: str, status: int, title: str, *paragraphs: str, clinic: str | None = None) -> Response[str]:
        """A page with a few sentences and nothing to do."""
        return self.page(base, "notice.html", status, title=title, paragraphs=paragraphs, clinic=clinic)


def see_other(path: str) -> Response[Any]:
    """After a form was sent: leads to a page, so that reloading it sends nothing again."""
    return Response("", status_code=303, media_type="text/html", headers=PAGE_HEADERS | {"Location": path})
