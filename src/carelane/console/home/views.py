"""What needs whoever looks: each number with the list that it leads to. No I/O."""

from carelane.cases.review.queue.schemas import FreeAndAsked, QueueCount
from carelane.console.queue.views import address
from carelane.console.wording import capped
from carelane.kit.auth import Actor
from carelane.kit.languages import _, ngettext
from carelane.permissions import CASES_DECIDE

FAILING = "/console/failing"
# What it is, where it leads, how many, what is said under it, and its color if it asks for somebody.
Number = tuple[str, str, str, str, str]


def of_mine(mine: QueueCount) -> Number:
    return (
        _("Mine"),
        address([("assignedTo", "me")]),
        capped(mine.total),
        _urgent(mine.late, mine.hour),
        ("problem" if mine.late else "warn" if mine.hour else ""),
    )


def of_cases(numbers: FreeAndAsked, actor: Actor) -> list[Number]:
    """Whoever decides nothing sees all that nobody has."""
    decides = actor.may(CASES_DECIDE)
    fits = [("fitsMyLicense", "true")] if decides else []
    free = address([*fits, ("assignedTo", "none"), ("awaitingPatient", "false")])
    return [
        (
            _("Free to take"),
            free,
            capped(numbers.free),
            _("your license fits") if decides else _("nobody has them"),
            "",
        ),
        (
            _("Waiting for patient"),
            address([("awaitingPatient", "true")]),
            capped(numbers.asked),
            _("asked, no answer yet"),
            "",
        ),
    ]


def of_orders(orders: int, callbacks: int) -> Number:
    under = [
        *([ngettext("%(num)d order", "%(num)d orders", orders) % {"num": orders}] if orders else []),
        *([ngettext("%(num)d callback", "%(num)d callbacks", callbacks) % {"num": callbacks}] if callbacks else []),
    ]
    number = orders + callbacks
    return (
        _("Need attention"),
        "/console/orders?state=ATTENTION",
        capped(number),
        ", ".join(under) or _("orders and callbacks"),
        "problem" if number else "",
    )


def of_failing(webhooks: int | None, payments: int | None) -> Number:
    """None: what the reader may not see."""
    number = (webhooks or 0) + (payments or 0)
    under = [
        *([ngettext("%(num)d webhook", "%(num)d webhooks", webhooks) % {"num": webhooks}] if webhooks else []),
        *([ngettext("%(num)d payment", "%(num)d payments", payments) % {"num": payments}] if payments else []),
    ]
    usual = _("payments") if webhooks is None else _("webhooks") if payments is None else _("webhooks and payments")
    return (_("Failing"), FAILING, capped(number), ", ".join(under) or usual, "problem" if number else "")


def _urgent(late: int, hour: int) -> str:
    if late:
        return ngettext("%(num)d is late", "%(num)d are late", late) % {"num": late}
    return ngettext("%(num)d within the hour", "%(num)d within the hour", hour) % {"num": hour}
