"""`mailTemplates` of an organization file."""

from carelane.apply.schemas import Entry, Line, Problems, repeated
from carelane.kit.errors import FieldProblem
from carelane.kit.languages import choices
from carelane.messages.templates import schemas
from carelane.messages.templates.schemas import Html, MailKind, MailWordsIn, Subject, Text


class MailTemplateEntry(Entry, frozen=True):
    """The words of one kind of mail in one language; with `built_in` Carelane's own."""

    kind: MailKind
    language: Line
    subject: Subject | None = None
    text: Text | None = None
    html: Html | None = None
    built_in: bool = False

    def words(self) -> MailWordsIn | None:
        """None where they are ours."""
        if self.subject is None or self.text is None:
            return None
        return MailWordsIn(subject=self.subject, text=self.text, html=self.html)


def broken_rules(entries: list[MailTemplateEntry]) -> Problems:
    """Those of the page, and that each mail is told of once."""
    yield from repeated("mailTemplates", [f"{entry.kind} {entry.language}" for entry in entries])
    for index, entry in enumerate(entries):
        place = f"mailTemplates[{index}]"
        if entry.language not in choices():
            yield FieldProblem(f"{place}.language", f"expected one of {', '.join(choices())}")
        yield from _check_words(place, entry)


def _check_words(place: str, entry: MailTemplateEntry) -> Problems:
    said = {"subject": entry.subject, "text": entry.text, "html": entry.html}
    if entry.built_in:
        for field in (field for field, words in said.items() if words is not None):
            yield FieldProblem(f"{place}.{field}", "expected none beside builtIn")
        return
    for field in ("subject", "text"):
        if said[field] is None:
            yield FieldProblem(f"{place}.{field}", "expected the organization's words, or builtIn: true")
    words = entry.words()
    for problem in schemas.broken_rules(entry.kind, words) if words else ():
        yield FieldProblem(f"{place}.{problem.field}", problem.problem)
