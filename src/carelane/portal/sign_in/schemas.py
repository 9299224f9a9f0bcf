"""Bodies of sign-in, and the answers."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.phones import is_e164

_CODE = re.compile(r"[0-9]{6}", re.ASCII)

Email = Annotated[str, Meta(max_length=320, description="Of the patient; or `phoneNumber`, not both")]
PhoneNumber = Annotated[str, Meta(max_length=50, description="E.164")]
ChannelName = Literal["SMS", "EMAIL"]
RefreshToken = Annotated[str, Meta(min_length=1, max_length=200)]


class IdentifierIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Whose code it is: exactly one of the two."""

    email: Email | None = None
    phone_number: PhoneNumber | None = None

    @property
    def kind(self) -> Literal["email", "phone"]:
        return "email" if self.email is not None else "phone"

    @property
    def identifier(self) -> str:
        """In the form that is compared."""
        return mailbox_of(self.email.strip()) if self.email is not None else (self.phone_number or "").strip()


class SendCodeIn(IdentifierIn, rename="camel", frozen=True, kw_only=True):
    channel: ChannelName


class VerifyCodeIn(IdentifierIn, rename="camel", frozen=True, kw_only=True):
    code: Annotated[str, Meta(max_length=50, description="Six digits")]


class RefreshIn(Phi, msgspec.Struct, frozen=True, kw_only=True):
    refresh_token: RefreshToken


class DoneOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True


class CodeSentOut(DoneOut, frozen=True, kw_only=True):
    """The same whether the clinic knows the address or not."""

    message: str = "If an account exists, a verification code was sent"


class TokensOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`expiresIn` is the access token's, in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    patient_id: UUID


class SignedInOut(DoneOut, frozen=True, kw_only=True):
    data: TokensOut


def identifier_problems(body: IdentifierIn) -> Iterator[FieldProblem]:
    if (body.email is None) == (body.phone_number is None):
        yield FieldProblem("email", "expected either email or phoneNumber, and not both")
    elif body.email is not None and not is_email(body.email.strip()):
        yield FieldProblem("email", "expected an e-mail address such as name@example.com")
    elif body.phone_number is not None and not is_e164(body.phone_number.strip()):
        yield FieldProblem("phoneNumber", "expected E.164: + and 2 to 15 digits, such as +12125550123")


def send_problems(body: SendCodeIn) -> Iterator[FieldProblem]:
    yield from identifier_problems(body)
    needed = {"SMS": ("phoneNumber", body.phone_number), "EMAIL": ("email", body.email)}
    name, value = needed[body.channel]
    if value is None:
        yield FieldProblem(name, f"{name} is required for channel {body.channel}")


def verify_problems(body: VerifyCodeIn) -> Iterator[FieldProblem]:
    yield from identifier_problems(body)
    if not _CODE.fullmatch(body.code):
        yield FieldProblem("code", "expected six digits")
