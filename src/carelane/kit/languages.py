"""Every text of the pages, from one catalogue: another language is one more file.

`_()` and `ngettext()` stand for texts that are shown where they are written, `N_()` marks those that are shown later. The catalogue
`carelane/locale/messages.pot` is made of the sources (`CARELANE_WRITE_DOCS=1 bin/test console/test_texts.py`); a language is
`<language>.po` beside it.
"""

from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE_LANGUAGE = "en"
FOLDER = Path(__file__).parents[1] / "locale"

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def N_(text: str) -> str:  # noqa: N802 - the name that translators' tools look for
    """Marks a text for the catalogue; `_()` of it is shown."""
    return text


def _(text: str) -> str:
    return _translations(_language.get()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    return _translations(_language.get()).ngettext(one, many, number)


def speak(accepted: str) -> None:
    """For the request in hand: the first of the browser's languages (`Accept-Language`) that there is a catalogue for."""
    wanted = [part.partition(";")[0].strip() for part in accepted.split(",")]
    _language.set(negotiate_locale(wanted, [SOURCE_LANGUAGE, *_languages()], sep="-") or SOURCE_LANGUAGE)


def language() -> str:
    return _language.get()


@cache
def _languages() -> tuple[str, ...]:
    return tuple(path.stem for path in sorted(FOLDER.glob("*.po")))


@cache
def _translations(name: str) -> NullTranslations:
    if name not in _languages():
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / f"{name}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=name.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)
