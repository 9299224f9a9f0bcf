"""What the pages of one's own account show."""

from carelane.console.forms import Filled, Form
from carelane.console.signin.views import refused
from carelane.kit.errors import CarelaneError
from carelane.kit.languages import N_

# News of `?done=`.
NOTES = {
    "password": N_("The password is changed. You were signed out everywhere else."),
    "session": N_("That session is over."),
    "others": N_("You are signed out everywhere but here."),
}


def refused_in(form: Form, error: CarelaneError, section: str) -> Filled:
    """Several forms of the page ask for the password: the one that was sent says what was wrong."""
    shown = refused(form, error)
    problems = {f"{section}-{name}": text for name, text in shown.problems.items()}
    return Filled(shown.fields, problems, shown.general, shown.status, error)
