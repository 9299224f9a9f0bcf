"""The words of a notice: what happened and where to look. Mail is read in many places, so it says nothing about the patient."""

from carelane.messages.notices.queries import Occasion
from carelane.messages.schemas import Content
from carelane.web.html.places import at_console


def write_notice(occasion: Occasion, recipient: str, public_url: str | None) -> Content:
    if occasion.type == "WEBHOOK_DISABLED":
        return Content(
            recipient,
            f"Webhook switched off: {occasion.endpoint_name}",
            _webhook_text(occasion, at_console(public_url)),
        )
    if occasion.type == "WEBHOOK_DELIVERY_FAILED":
        return Content(recipient, f"Webhook not delivered: {occasion.endpoint_name}", _failed_text(occasion))
    mark = "[test] " if occasion.is_test else ""
    place = at_console(public_url, f"/cases/{occasion.short_id}")
    return Content(recipient, f"{mark}New case {occasion.short_id}", _case_text(occasion, place))


def _webhook_text(occasion: Occasion, place: str) -> str:
    why = "said that it is gone" if occasion.reason == "GONE" else "took nothing for five days"
    return (
        f"{occasion.organization_name}: the receiver of the webhook {occasion.endpoint_name} {why}, so it was "
        f"switched off.\n\nSign in{place} to switch it on again and to repeat what it missed.\n"
    )


def _failed_text(occasion: Occasion) -> str:
    return (
        f"{occasion.organization_name}: the receiver of the webhook {occasion.endpoint_name} did not take an event, however often "
        "it was sent.\n\nGET /webhook/decoda/{webhook_id}/delivery-attempts/list?is_delivered=false lists what it missed, "
        "and .../send sends one of them again. There will be no other mail about this webhook for a day.\n"
    )


def _case_text(occasion: Occasion, place: str) -> str:
    note = "This is a test case: nobody waits for it.\n" if occasion.is_test else ""
    return f"{occasion.organization_name} has a new case: {occasion.short_id}.\n{note}\nSign in{place} to see it.\n"
