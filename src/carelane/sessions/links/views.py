"""The words of a mail with a link: who writes, what for, the link, how long it is good."""

from carelane.kit.formatting import day_text
from carelane.kit.languages import _
from carelane.kit.texts import one_line
from carelane.messages.schemas import Content
from carelane.sessions.links.queries import OpenLink


def write_mail(link: OpenLink, url: str, recipient: str) -> Content:
    clinic = one_line(link.organization_name)
    if link.kind == "INVITATION":
        subject = _("You are invited to %(clinic)s") % {"clinic": clinic}
        wanted = _("%(clinic)s uses Carelane. Choose a password here, and you can begin:") % {"clinic": clinic}
        ends = _("The link is good until %(day)s, works once, and is for you alone.") % {
            "day": day_text(link.expires_at, "UTC")
        }
        after = _("If you did not expect this message, you can ignore it.")
    else:
        subject = _("A new password for %(clinic)s") % {"clinic": clinic}
        wanted = _("Somebody, we hope you, asked for a new password. Choose it here:")
        ends = _("The link is good for 30 minutes, works once, and is for you alone.")
        after = _("If it was not you, ignore this message: your password stays as it is.")
    hello = _("Hello %(name)s,") % {"name": one_line(link.first_name)}
    return Content(recipient, subject, "\n\n".join([hello, f"{wanted}\n{url}", ends, after]) + "\n")
