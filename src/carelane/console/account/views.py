"""What the pages of one's own account show."""

from carelane.console.forms import Filled, Form
from carelane.console.signin.views import refused
from carelane.kit import languages
from carelane.kit.errors import CarelaneError, FieldProblem, refuse
from carelane.kit.languages import N_, _

# News of `?done=`.
NOTES = {
    "language": N_("The language is changed."),
    "password": N_("The password is changed. You were signed out everywhere else."),
    "session": N_("That session is over."),
    "others": N_("You are signed out everywhere but here."),
}


def refused_in(form: Form, error: CarelaneError, section: str) -> Filled:
    """Several forms of the page ask for the password: the one that was sent says what was wrong."""
    shown = refused(form, error)
    problems = {f"{section}-{name}": text for name, text in shown.problems.items()}
    return Filled(shown.fields, problems, shown.general, shown.status, error)


def choices() -> list[tuple[str, str]]:
    """The languages as their own speakers call them, after that of the browser."""
    return [("", _("As the browser")), *languages.choices().items()]


def chosen(cookie: str | None) -> str:
    return cookie if cookie and languages.is_known(cookie) else ""


def language_of(form: Form) -> str:
    """Empty: that of the browser. Raises RuleBrokenError."""
    name = form.get("language")
    if name and not languages.is_known(name):
        refuse([FieldProblem("language", _("Choose one of the list."))])
    return name
