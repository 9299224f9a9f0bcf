"""The prescription as a PDF. The template reads the struct as data, so what people wrote is printed as they wrote it."""

from pathlib import Path
from typing import Any

import msgspec

from carelane.kit.typesetting import compiled
from carelane.kit.us_zones import day_in
from carelane.orders.preflight.values import day_written
from carelane.orders.sending.glyphs import require_glyphs
from carelane.pharmacies.schemas import Prescription

_TEMPLATE = Path(__file__).parent / "templates" / "prescription.typ"


def render(prescription: Prescription) -> bytes:
    """The same prescription always gives the same bytes, so what is made again after a crash is what was made before.

    Raises NoGlyphError: nobody may be dispensed to under a name of empty boxes.
    """
    require_glyphs(prescription)
    made_at = prescription.placed_at.replace(microsecond=0)
    inputs = {"rx": msgspec.json.encode(_printed(prescription)).decode()}
    return compiled(_TEMPLATE, inputs, made_at)


def _printed(prescription: Prescription) -> dict[str, Any]:
    """With the days as the prescriber writes them, and without custom fields, which may hold numbers no compiler reads."""
    rx: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(prescription, custom_fields=None))
    state = prescription.prescriber.address.state
    placed_on = day_in(state, prescription.placed_at).isoformat()
    rx["writtenOn"] = day_written(prescription.date_written, state) if prescription.date_written else placed_on
    rx["signedOn"] = day_written(prescription.date_signed, state) if prescription.date_signed else None
    for printed, item in zip(rx["items"], prescription.items, strict=True):
        if item.decision:
            printed["decision"]["decidedOn"] = day_in(state, item.decision.decided_at).isoformat()
    return rx
