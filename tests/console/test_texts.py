"""The catalogue of the pages' texts is current, and a language is a file."""

import os
import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from carelane.console import frame
from carelane.console.forms import Filled
from carelane.kit import languages

FOLDER = languages.FOLDER.parent
CATALOGUE = languages.FOLDER / "messages.pot"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
# The same settings as those of the pages' templates, else texts are cut elsewhere.
OPTIONS = {
    "**/templates/**.html": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
        "silent": "false",
    }
}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> bytes:
    catalogue = Catalog(
        project="Carelane", copyright_holder="", fuzzy=False, header_comment="# The texts that people read."
    )
    for path, _, message, comments, _ in extract_from_dir(FOLDER, METHODS, OPTIONS, KEYWORDS):
        catalogue.add(message, None, [(path, 0)], auto_comments=comments)
    written = BytesIO()
    write_po(written, catalogue, omit_header=True, include_lineno=False, sort_output=True, width=120)
    return written.getvalue()


def test_the_catalogue_is_current():
    found = extracted()
    if os.environ.get("CARELANE_WRITE_DOCS"):
        CATALOGUE.write_bytes(found)
    assert CATALOGUE.read_bytes() == found, "run CARELANE_WRITE_DOCS=1 bin/test console/test_texts.py"


# What Jinja takes out; what is left of a tag or a key's cap; attributes that are read to people.
_JINJA = re.compile(r"\{#.*?#\}|\{% trans.*?%\}.*?\{% endtrans %\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"<kbd[^>]*>[^<]*</kbd>|<[^>]*>")
_SAID = re.compile(r'(?:aria-label|placeholder|title|alt)="([^"\0]*[A-Za-z]{2}[^"\0]*)"')
_WORDS = re.compile(r"[^\0\n]*[A-Za-z]{2}[^\0\n]*")
# Halves of an attribute that a template puts together.
_NO_TEXT = re.compile(r'\s*(class|aria-invalid|aria-describedby)="\w*"?\s*')


def bare_texts(template: str) -> list[str]:
    """Words of a template that stand outside of `_()`, and so in no catalogue."""
    rest = _JINJA.sub("\0", template)
    found = _SAID.findall(rest) + _WORDS.findall(_TAG.sub(" ", rest))
    return [text.strip() for text in found if not _NO_TEXT.fullmatch(text)]


def test_a_bare_text_is_found():
    assert bare_texts('<p class="x">{{ _("Home") }} Oh no</p>{# so #}<a title="Go on">{% if x %}') == ["Go on", "Oh no"]


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.name) for page in sorted((FOLDER / "console" / "templates").rglob("*.html"))]
)
def test_no_text_stands_outside_of_the_catalogue(page):
    assert bare_texts(page.read_text()) == []


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A second language is a file beside the first."""
    entry = 'msgid "Sign in"\nmsgstr "Anmelden"\n\nmsgid "%(days)d day"\nmsgid_plural "%(days)d days"\n'
    header = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    (tmp_path / "de.po").write_text(header + entry + 'msgstr[0] "%(days)d Tag"\nmsgstr[1] "%(days)d Tage"\n')
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    languages._languages.cache_clear()
    languages._translations.cache_clear()
    yield
    languages.speak("")
    languages._languages.cache_clear()
    languages._translations.cache_clear()


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "Anmelden"),
        ("de", "Anmelden"),
        ("en-US,de", "Sign in"),
        ("fr", "Sign in"),
        ("", "Sign in"),
        ("*", "Sign in"),
        (";;,,%%", "Sign in"),
    ],
)
def test_the_browser_says_which_language(german, accepted, said):
    languages.speak(accepted)
    assert languages._("Sign in") == said
    assert languages.ngettext("%(days)d day", "%(days)d days", 2) in {"%(days)d Tage", "%(days)d days"}
    # What is not translated stays as it is.
    assert languages._("Home") == "Home"


def test_a_page_speaks_it(german):
    languages.speak("de")
    values = {"form": Filled(), "form_token": "t", "new_key": lambda: "k", "forgot": "", "other_way": "", "news": None}
    html = frame.render("signin/sign_in.html", values | {"is_recovery": False})
    assert '<html lang="de">' in html
    assert "<h1>Anmelden</h1>" in html
    assert ">Anmelden</button>" in html
    assert "Forgot the password" in html
