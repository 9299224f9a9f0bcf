"""Sentences that several patients' pages say."""

from carelane.kit.languages import _, ngettext


def support_text(clinic: str, email: str | None, phone: str | None) -> str:
    """Where a patient with a question turns to."""
    if email and phone:
        return _("If you have a question, write to %(email)s or call %(phone)s.") % {"email": email, "phone": phone}
    if email:
        return _("If you have a question, write to %(email)s.") % {"email": email}
    if phone:
        return _("If you have a question, call %(phone)s.") % {"phone": phone}
    return _("If you have a question, ask %(clinic)s.") % {"clinic": clinic}


def locked_text(minutes: int, until: str) -> str:
    text = ngettext(
        "For your safety this page is closed for %(minutes)d more minute, until %(until)s.",
        "For your safety this page is closed for %(minutes)d more minutes, until %(until)s.",
        minutes,
    )
    return text % {"minutes": minutes, "until": until}


def joined(texts: list[str]) -> str:
    """`$1.00 and 2.00 CHF`"""
    *before, last = texts
    return _("%(before)s and %(last)s") % {"before": joined(before), "last": last} if before else last
