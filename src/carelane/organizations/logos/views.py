"""Logos on the wire, and where they are. No I/O."""

from carelane.organizations.logos.queries import Logo
from carelane.organizations.logos.schemas import LogoOut, LogosOut

PATH = "/logos"


def url_of(base: str, digest: str) -> str:
    """`base` is where our addresses begin, without a slash at its end."""
    return f"{base}{PATH}/{digest}"


def show_logos(logos: list[Logo], base: str) -> LogosOut:
    shown = {
        one.used_on: LogoOut(
            url=url_of(base, one.digest),
            media_type=one.media_type,
            width=one.width,
            height=one.height,
            bytes=one.size,
        )
        for one in logos
    }
    return LogosOut(logo=shown.get("pages"), receipt_logo=shown.get("receipts"))
