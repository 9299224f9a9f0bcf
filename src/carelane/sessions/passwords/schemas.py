"""A password of one's own, on the wire of the staff API."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit import passwords
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi

_Password = Annotated[str, Meta(max_length=passwords.MAX_CHARACTERS)]


class PasswordIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    current_password: Annotated[_Password, Meta(examples=["correct horse battery staple"])]
    new_password: Annotated[_Password, Meta(examples=["a longer horse battery staple"])]


def problems_of(password: str, field: str) -> Iterator[FieldProblem]:
    """What is wrong with a new password. It is never repeated."""
    if len(password) < passwords.MIN_CHARACTERS:
        yield FieldProblem(field, f"expected at least {passwords.MIN_CHARACTERS} characters")
    elif len(password) > passwords.MAX_CHARACTERS:
        yield FieldProblem(field, f"expected at most {passwords.MAX_CHARACTERS} characters")
    elif not password.strip():
        yield FieldProblem(field, "expected more than spaces")


def change_problems(body: PasswordIn) -> Iterator[FieldProblem]:
    yield from problems_of(body.new_password, "newPassword")
    if body.new_password == body.current_password:
        yield FieldProblem("newPassword", "expected another password than the current one")
