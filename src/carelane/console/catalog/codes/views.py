"""What the pages of promo codes show. Moments are those of the clock on the wall where the browser is."""

from carelane.catalog.desk.schemas import PartsOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.views import Row, fields_of, state_of
from carelane.console.forms import Filled
from carelane.console.times import instant_of, wall_time, words, zone_name
from carelane.kit import clock
from carelane.kit.languages import N_, _
from carelane.promo_codes.desk.schemas import PromoCodeOut

MOMENTS = ("startsAt", "endsAt")
NAMES = {
    "code": N_("Code"),
    "label": N_("Name"),
    "description": N_("Description"),
    "discountPercentage": N_("Percent off"),
    "discountAmount": N_("Amount off"),
    "startsAt": N_("Good from"),
    "endsAt": N_("Good until"),
    "maxUses": N_("Uses in all"),
    "bundleIds": N_("Only these bundles"),
    "isVisible": N_("Storefronts show it"),
    "isActive": N_("It can be used"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("Takes off"), "amount"), (_("Used"), "amount"), (_("Until"), "")]


def row(code: PromoCodeOut) -> Row:
    used = str(code.used_count) if code.max_uses is None else f"{code.used_count} / {code.max_uses}"
    off = f"{code.discount_amount} {code.currency}" if code.discount_amount else f"{code.discount_percentage} %"
    return Row(
        id=str(code.id),
        name=code.code,
        note=code.label or "",
        cells=[off, used, words(code.ends_at) if code.ends_at else ""],
        state=_state(code),
    )


def _state(code: PromoCodeOut) -> tuple[str, str, str]:
    now = clock.now()
    if not code.is_active:
        return state_of(is_active=False, text=_("Switched off"))
    if code.ends_at is not None and code.ends_at <= now:
        return state_of(is_active=False, text=_("Over"))
    if code.max_uses is not None and code.used_count >= code.max_uses:
        return state_of(is_active=False, text=_("Used up"))
    if code.starts_at is not None and code.starts_at > now:
        return "soft", "s-later", _("Not yet")
    return state_of(is_active=True, text=_("Good"))


def form_of(code: PromoCodeOut, sent: Filled) -> Filled:
    """By the clock where the form that was sent was opened, which may be elsewhere by now."""
    shown, zone = fields_of(code), sent.get("zone")
    moments = {"startsAt": code.starts_at, "endsAt": code.ends_at}
    return Filled(shown.fields | {name: [wall_time(at, zone)] for name, at in moments.items() if at is not None})


def moments_of(form: Filled, stands: PromoCodeOut | None) -> dict[str, str]:
    """As they were typed where the form was opened. What was not touched stays to the second."""
    zone = form.get("zone")
    stood = form_of(stands, form) if stands else Filled()
    kept = {"startsAt": stands.starts_at, "endsAt": stands.ends_at} if stands else {}
    typed = {name: form.get(name) for name in MOMENTS if form.get(name).strip()}
    return {
        name: at.isoformat() if (at := kept.get(name)) and text == stood.get(name) else instant_of(text, zone)
        for name, text in typed.items()
    }


def values(code: PromoCodeOut | None, form: Filled, parts: PartsOut) -> dict[str, object]:
    return {
        "currency": code.currency if code else parts.currency,
        "bundles": picked(parts.bundles, form.all("bundleIds")),
        "zone": zone_name(),
        "used": code.used_count if code else None,
    }
