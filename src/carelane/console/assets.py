"""The stylesheet, the script and the icon of the tab. Their address holds a digest of their content, so browsers keep them for good."""

from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from litestar import Response
from litestar.params import PathParameter

from carelane.kit.errors import RouteNotFoundError
from carelane.web.html.routes import PageRoutes
from carelane.web.html.security import PAGE_HEADERS

PATH = "/console/assets"
_FOLDER = Path(__file__).parent / "static"
_KEPT = "public, max-age=31536000, immutable"

routes = PageRoutes()


class File:
    """One of ours, read once."""

    def __init__(self, name: str, media_type: str) -> None:
        self.name = name
        self.media_type = media_type

    @cached_property
    def text(self) -> str:
        return (_FOLDER / self.name).read_text()

    @cached_property
    def version(self) -> str:
        return sha256(self.text.encode()).hexdigest()[:16]

    @property
    def url(self) -> str:
        return f"{PATH}/{self.version}/{self.name}"


STYLES = File("console.css", "text/css")
SCRIPT = File("console.js", "text/javascript")
ICON = File("icon.svg", "image/svg+xml")
_FILES = {file.name: file for file in (STYLES, SCRIPT, ICON)}


@routes.get(PATH + "/{version:str}/{name:str}")
async def get_asset(
    version: Annotated[str, PathParameter(description="Digest of the content")],
    name: Annotated[str, PathParameter(description="Name of the file")],
) -> Response[Any]:
    """The file. A page of another version of ours gets what there is, but must not keep it."""
    file = _FILES.get(name)
    if file is None:
        raise RouteNotFoundError
    kept = _KEPT if version == file.version else "no-store"
    return Response(file.text, media_type=file.media_type, headers=PAGE_HEADERS | {"Cache-Control": kept})
