"""What the generated tests need to know of a page and of a form."""

from typing import Literal

import msgspec


class PageExample(msgspec.Struct, frozen=True, kw_only=True):
    """A GET. `needs`: the permission without which it answers 403; None: anybody who is signed in."""

    needs: str | None = None
    # Without a session, too.
    is_open: bool = False
    # What it asks the database, at most, with the two of the session and of the frame.
    statements: int
    # How many rows it gets at most, however large the clinic is.
    rows: int = 300
    # To whoever may; a page with nothing to show leads on.
    answer: int = 200
    # To the other clinic, where the path has a parameter. One that names a kind and no record is their own page.
    to_strangers: int = 404
    query: str = ""
    # A part of a page, or a file: no browser looks at it alone.
    kind: Literal["page", "part", "file"] = "page"


class FormExample(msgspec.Struct, frozen=True, kw_only=True):
    """A POST. `fields`: a good form, `{case_id}` in it is the world's, so that nothing but the permission stands in the way."""

    needs: str | None = None
    is_open: bool = False
    fields: dict[str, str] = {}
    # To the other clinic, of a record that is not theirs.
    to_strangers: int = 404
    # A form about no record is not "there" for the other clinic, too: it acts on their own.
    # Its answer ends the session, or for another reason may be sent once only: the matrix leaves out who may.
    is_final: bool = False
