"""The words of a mail with a link: who writes, what for, the link, how long it is good."""

from carelane.kit.formatting import day_text
from carelane.messages.schemas import Content
from carelane.sessions.links.queries import OpenLink


def write_mail(link: OpenLink, url: str, recipient: str) -> Content:
    clinic = " ".join(link.organization_name.split())
    if link.kind == "INVITATION":
        subject = f"You are invited to {clinic}"
        wanted = f"{clinic} uses Carelane. Choose a password here, and you can begin:"
        ends = f"The link is good until {day_text(link.expires_at, 'UTC')}, works once, and is for you alone."
        after = "If you did not expect this message, you can ignore it."
    else:
        subject = f"A new password for {clinic}"
        wanted = "Somebody, we hope you, asked for a new password. Choose it here:"
        ends = "The link is good for 30 minutes, works once, and is for you alone."
        after = "If it was not you, ignore this message: your password stays as it is."
    hello = f"Hello {' '.join(link.first_name.split())},"
    return Content(recipient, subject, "\n\n".join([hello, f"{wanted}\n{url}", ends, after]) + "\n")
