"""What the pages at the door show."""

from typing import TypeAlias

import segno

from carelane.console.forms import Filled, Form
from carelane.console.frame import with_query
from carelane.kit.errors import CarelaneError, FieldProblem, RateLimitedError, UnavailableError, refuse
from carelane.kit.languages import N_, _, ngettext
from carelane.sessions.errors import SignInRefusedError
from carelane.sessions.links.queries import OpenLink
from carelane.sessions.second_factor.errors import CodeWrongError
from carelane.sessions.second_factor.reads import SetUp

Values: TypeAlias = dict[str, object]

# News of `?done=`.
NEWS = {
    "out": N_("You are signed out."),
    "reset": N_("The password is changed, and you were signed out everywhere. Sign in with the new one."),
    "chosen": N_("The password is set. Sign in with it."),
    "ended": N_("You were signed out. Drafts that were saved are kept."),
}
SECRETS = frozenset({"password", "again", "currentPassword", "newPassword", "totp", "recoveryCode", "code"})
_LETTERS_TOGETHER = 4


def refused(form: Form, error: CarelaneError) -> Filled:
    """The form again, with what was typed but for what is secret, and why nothing was done."""
    kept = {name: texts for name, texts in form.fields.items() if name not in SECRETS}
    text = _text_of(error)
    if isinstance(error, CodeWrongError):
        return Filled(kept, {"code": text or ""}, [], error.status, error)
    if text:
        return Filled(kept, {}, [text], 422 if error.status == 401 else error.status, error)
    shown = form.refused(error)
    return Filled(kept, shown.problems, shown.general, shown.status, error)


def _text_of(error: CarelaneError) -> str | None:
    """Of what was wrong at the sign-in no more than the API says."""
    if isinstance(error, RateLimitedError):
        minutes = -(-error.retry_after_seconds // 60)
        return ngettext(
            "Too many tries came from your network. Try again in %(minutes)d minute.",
            "Too many tries came from your network. Try again in %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
    if isinstance(error, UnavailableError):
        return _("Too many people sign in just now. Try again in a few seconds.")
    if isinstance(error, SignInRefusedError):
        return _(
            "Clinic, e-mail, password or code is wrong, or the code was used before. After five failures, wait 15 minutes or ask "
            "an administrator."
        )
    if isinstance(error, CodeWrongError):
        return _("This is not the code of now. Wait for the next one, and see that the phone's clock is right.")
    return None


def sign_in(form: Filled, news: str | None, *, is_recovery: bool) -> Values:
    here = {"clinic": form.get("tenant") or None, "next": form.get("next") or None}
    return {
        "said": _(NEWS[news]) if news in NEWS else None,
        "is_recovery": is_recovery,
        "forgot": with_query("/console/forgot", clinic=here["clinic"]),
        "other_way": with_query("/console/sign-in", **here, recovery=None if is_recovery else "1"),
    }


def qr_of(made: SetUp) -> Values:
    """The picture to scan, dark on light in either scheme, and the letters to type instead."""
    picture = segno.make_qr(made.uri, error="m").svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True)
    groups = range(0, len(made.secret), _LETTERS_TOGETHER)
    return {"qr": picture, "letters": " ".join(made.secret[at : at + _LETTERS_TOGETHER] for at in groups)}


def choose(link: OpenLink) -> Values:
    """A first or another password."""
    return {"link": link, "is_invitation": link.kind == "INVITATION"}


def require_same(form: Form) -> None:
    """The password was typed twice: nobody sees what they type. Raises RuleBrokenError."""
    if form.get("password") != form.get("again"):
        refuse([FieldProblem("again", _("The two passwords differ. Type both again."))])
