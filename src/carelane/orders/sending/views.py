"""The prescription as a PDF. The template reads the struct as data, so what people wrote is printed as they wrote it."""

from functools import cache
from pathlib import Path

import msgspec
import typst

from carelane.pharmacies.schemas import Prescription

_TEMPLATE = Path(__file__).parent / "templates" / "prescription.typ"


def render(prescription: Prescription) -> bytes:
    """The same prescription always gives the same bytes, so what is made again after a crash is what was made before."""
    # Custom fields are not printed. They may hold numbers that the compiler cannot read.
    rx = msgspec.json.encode(msgspec.structs.replace(prescription, custom_fields=None)).decode()
    made_at = prescription.placed_at.replace(microsecond=0)
    pdf = _compiler().compile(format="pdf", sys_inputs={"rx": rx}, timestamp=made_at)
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler() -> typst.Compiler:
    """Kept for the life of the process: it holds the parsed template and the fonts, those that come with it only."""
    return typst.Compiler(_TEMPLATE, font_paths=typst.Fonts(include_system_fonts=False))
