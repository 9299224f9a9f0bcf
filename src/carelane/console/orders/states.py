"""Orders, columns, calls and stories in words: a kind for the color, a shape, a text."""

from carelane.kit.languages import N_
from carelane.orders.board.schemas import Column
from carelane.orders.resolving.schemas import Happened
from carelane.orders.states import OrderStatus
from carelane.orders.stories.schemas import Story

COLUMNS: dict[Column, tuple[str, str, str]] = {
    "ATTENTION": ("problem", "s-warn", N_("Needs attention")),
    "TO_SEND": ("live", "s-send", N_("To send")),
    "SENT": ("live", "s-assigned", N_("Sent")),
    "ACCEPTED": ("good", "s-yes", N_("Accepted")),
    "SHIPPED": ("live", "s-ship", N_("Shipped")),
    "DELIVERED": ("good", "s-yes", N_("Delivered")),
    "REFUSED": ("problem", "s-no", N_("Refused")),
    "CANCELED": ("calm", "s-none", N_("Canceled")),
}
STATES: dict[OrderStatus, tuple[str, str, str]] = {
    "RECEIVED": ("live", "s-send", N_("To send")),
    "SENDING": ("live", "s-send", N_("Being sent")),
    "SENT": ("live", "s-assigned", N_("Sent")),
    "ACCEPTED": ("good", "s-yes", N_("Accepted")),
    "SHIPPED": ("live", "s-ship", N_("Shipped")),
    "DELIVERED": ("good", "s-yes", N_("Delivered")),
    "REJECTED": ("problem", "s-no", N_("Refused by the pharmacy")),
    "CANCELED": ("calm", "s-none", N_("Canceled")),
    "NEEDS_ATTENTION": ("problem", "s-warn", N_("Needs attention")),
}
HAPPENED: dict[Happened, str] = {
    "ACCEPTED": N_("They have it and will fill it"),
    "SHIPPED": N_("They have shipped it"),
    "DELIVERED": N_("The patient has it"),
    "REJECTED": N_("They refuse it"),
    "CANCELED": N_("They do not have it, and it is not to be sent"),
}
STORIES: dict[Story, str] = {
    "ACCEPT": N_("Accept it"),
    "SHIP": N_("Ship a parcel"),
    "DELIVER": N_("Deliver it"),
    "REJECT": N_("Refuse it"),
    "CANCEL": N_("Cancel it"),
    "REST": N_("Go the usual way to the end"),
}
# What was asked of the pharmacy.
CALLS = {
    "new_rx": N_("Sent the prescription"),
    "status": N_("Asked where the order is"),
    "cancel_rx": N_("Asked to cancel"),
    "document": N_("Asked for their document"),
}
OUTCOMES = {
    "done": ("good", "s-yes", N_("answered")),
    "refused": ("problem", "s-no", N_("refused")),
    "retry": ("warn", "s-warn", N_("not taken, it is tried again")),
    "unknown": ("problem", "s-warn", N_("no answer, they are asked first")),
}
# What became of their messages.
JUDGED = {
    "STORED": N_("not looked at yet"),
    "APPLIED": N_("the order followed it"),
    "LATE": N_("it was known already"),
    "WAITING": N_("waits for its order"),
    "UNREADABLE": N_("cannot be read"),
    "DISMISSED": N_("dismissed"),
}
REPORTED = {
    "SENT": N_("They have it"),
    "ACCEPTED": N_("Accepted"),
    "SHIPPED": N_("Shipped"),
    "DELIVERED": N_("Delivered"),
    "REJECTED": N_("Refused"),
    "CANCELED": N_("Canceled"),
}
NOTES = {
    "sent": N_("The order is on its way again."),
    "canceled": N_("The order is canceled."),
    "asked": N_("The pharmacy is asked to cancel. Here it says when they answer."),
    "replaced": N_("This is the new order. It goes out by itself."),
    "resolved": N_("That is written down. The order goes on from there."),
    "told": N_("The simulator does it. Here it shows in a moment."),
    "matched": N_("The callback is matched. The order followed it."),
    "dismissed": N_("The callback is dismissed. It is kept with your reason."),
}
