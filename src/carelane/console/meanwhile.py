"""What somebody else changed while a form was open. It is shown beside what was typed, and only then can be saved over.

shown_again(form, error, stands, NAMES)     the form again, after a refusal
on_page(form, stands, NAMES)                the same for pages with several forms, and what is different
differences(form, stands, NAMES)            (what, as it stands now, as it was typed), for `p.meanwhile`

`stands`: the form as it would be filled in now. `NAMES`: what its fields are called: all that it saves, or what is not among them
would be overwritten unseen. `words`: what is said for the values of a field, as `p.select` takes them.
"""

from collections.abc import Iterable, Mapping

import msgspec

from carelane.catalog.desk.schemas import PartsOut
from carelane.console.forms import Filled, Form
from carelane.kit.errors import CarelaneError
from carelane.kit.languages import _
from carelane.web.versions import ChangedMeanwhileError

Words = Mapping[str, Iterable[tuple[str, str]]]
Differences = list[tuple[str, str, str]]


def is_slower(form: Filled) -> bool:
    """Whether somebody was faster than whoever sent it."""
    return isinstance(form.error, ChangedMeanwhileError)


def shown_again(
    form: Form, error: CarelaneError, stands: Filled, names: Mapping[str, str], *, is_different: bool = False
) -> Filled:
    """With the version that stands now when somebody was faster: whoever sends it again has seen what changed. `is_different`:
    something is that `names` do not name. What changed where the page shows nothing of it is not overwritten."""
    again = form.refused(error)
    return _with_version(again, stands, is_seen=is_different or bool(differences(again, stands, names)))


def on_page(
    form: Filled | None, stands: Filled, names: Mapping[str, str], words: Words | None = None
) -> tuple[Filled, Differences]:
    """The form as its page shows it. `form` without a version: another one of the page was refused, and this one is as it stands."""
    if form is None:
        return stands, []
    if not form.all("version"):
        return msgspec.structs.replace(form, fields=stands.fields | form.fields), []
    changes = differences(form, stands, names, words=words)
    return _with_version(form, stands, is_seen=bool(changes)), changes


def differences(
    form: Filled, stands: Filled, names: Mapping[str, str], parts: PartsOut | None = None, *, words: Words | None = None
) -> Differences:
    """(what, as it stands now, as it was typed), of what `names` names. `parts`: what ids are called."""
    if not is_slower(form):
        return []
    kinds = (parts.products, parts.bundles, parts.forms, parts.taxes, parts.locations) if parts else ()
    called = {str(one.id): one.name for kind in kinds for one in kind}
    found: Differences = []
    for name, text in names.items():
        told = called | dict((words or {}).get(name, ()))
        now, typed = _meant(stands.all(name), told), _meant(form.all(name), told)
        if now != typed:
            found.append((_(text), _said(now, typed, told), _said(typed, now, told)))
    return found


def _with_version(again: Filled, stands: Filled, *, is_seen: bool) -> Filled:
    if not is_slower(again):
        return again
    if not is_seen:
        unseen = _(
            "Somebody changed this since you opened it, and nothing of what you typed is different. Open it again."
        )
        return msgspec.structs.replace(again, general=[unseen])
    said = _("Somebody changed this since you opened it. What you typed is kept; look at what is different, then save.")
    fields = again.fields | {"version": stands.all("version")}
    return msgspec.structs.replace(again, fields=fields, general=[said])


def _meant(texts: Iterable[str], told: Mapping[str, str]) -> list[str]:
    """A box that is not ticked sends nothing; where `false` is one of a few words, it says something."""
    return sorted(text for text in texts if text and (text != "false" or text in told))


def _said(texts: list[str], other: list[str], told: Mapping[str, str]) -> str:
    if "true" not in told and sorted([texts, other]) == [[], ["true"]]:
        return _("yes") if texts else _("no")
    return ", ".join(told.get(text, text) for text in texts) or told.get("") or _("nothing")
