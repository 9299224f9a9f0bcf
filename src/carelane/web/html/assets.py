"""Files of ours that browsers may keep: the address of one changes whenever its content does."""

from functools import cached_property
from hashlib import sha256
from pathlib import Path

from litestar import Response

from carelane.web.html.security import PAGE_HEADERS

KEPT_SECONDS = 86_400


class Asset:
    def __init__(self, path: Path, media_type: str) -> None:
        self._path = path
        self._media_type = media_type

    @cached_property
    def text(self) -> str:
        return self._path.read_text()

    @cached_property
    def _version(self) -> str:
        return sha256(self.text.encode()).hexdigest()[:12]

    def url(self, base: str) -> str:
        """`base` is the path that it is served under."""
        return f"{base}/{self._path.name}?v={self._version}"

    def response(self) -> Response[str]:
        headers = PAGE_HEADERS | {"Cache-Control": f"public, max-age={KEPT_SECONDS}"}
        return Response(self.text, media_type=self._media_type, headers=headers)
