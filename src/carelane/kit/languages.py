"""Every text of the pages, from one catalogue: another language is one more file.

`_()` and `ngettext()` stand for texts that are shown where they are written, `N_()` marks those that are shown later. The catalogue
`carelane/locale/messages.pot` is made of the sources (`CARELANE_WRITE_DOCS=1 bin/test console/test_texts.py`); a language is
`<language>.po` beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE_LANGUAGE = "en"
FOLDER = Path(__file__).parents[1] / "locale"

# How dates and numbers are written where the language alone does not say: Carelane's patients live in the United States.
_REGIONS = {"es": "es_US"}

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def N_(text: str) -> str:  # noqa: N802 - the name that translators' tools look for
    """Marks a text for the catalogue; `_()` of it is shown."""
    return text


def _(text: str) -> str:
    return _translations(_language.get()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    return _translations(_language.get()).ngettext(one, many, number)


def speak(accepted: str, chosen: str = "") -> None:
    """For the request in hand: what the person chose, else the first of the browser's languages (`Accept-Language`) that there is a
    catalogue for."""
    _language.set(chosen if is_known(chosen) else _negotiated(accepted))


@contextmanager
def speaking(name: str | None) -> Iterator[None]:
    """For what is written to somebody who is not here: in this language, or in ours where there is no catalogue for it."""
    before = _language.set(name if name and is_known(name) else SOURCE_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> str:
    return _language.get()


def region() -> Locale:
    """How the language in hand writes dates and numbers."""
    return _region(_language.get())


def is_known(name: str) -> bool:
    return name == SOURCE_LANGUAGE or name in _languages()


def nearest(wanted: str) -> str | None:
    """The language of ours that stands for `es-MX`, `es_MX` or `Spanish`; None: there is none."""
    plain = wanted.strip().replace("_", "-")
    found = negotiate_locale([plain], [SOURCE_LANGUAGE, *_languages()], sep="-")
    by_name = (
        name for name in choices() if plain.casefold() in {_english(name).casefold(), choices()[name].casefold()}
    )
    return found or next(by_name, None)


def choices() -> dict[str, str]:
    """Every language there is, by what its own speakers call it."""
    return {name: _own_name(name) for name in (SOURCE_LANGUAGE, *_languages())}


def _negotiated(accepted: str) -> str:
    wanted = [part.partition(";")[0].strip() for part in accepted.split(",")]
    return negotiate_locale(wanted, [SOURCE_LANGUAGE, *_languages()], sep="-") or SOURCE_LANGUAGE


@cache
def _region(name: str) -> Locale:
    return Locale.parse(_REGIONS.get(name, name), sep="_" if name in _REGIONS else "-")


@cache
def _own_name(name: str) -> str:
    shown = Locale.parse(name, sep="-").get_display_name() or name
    return f"{shown[:1].upper()}{shown[1:]}"


@cache
def _english(name: str) -> str:
    return Locale.parse(name, sep="-").get_display_name(SOURCE_LANGUAGE) or name


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
