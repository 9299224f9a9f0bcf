"""Users on the wire of the care dialect."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.patients.profiles.schemas import ProfileIn, profile_problems, storefront_problems

Email = Annotated[str, Meta(max_length=320)]


class PreferencesIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    sms_notifications_disabled: bool | UnsetType = UNSET
    email_notifications_disabled: bool | UnsetType = UNSET


class NewUserIn(ProfileIn, rename="camel", frozen=True, kw_only=True):
    email: Email
    communication: PreferencesIn | UnsetType = UNSET


class ChangedUserIn(ProfileIn, rename="camel", frozen=True, kw_only=True):
    """`email` says whose profile it is; at least one more member says what changes."""

    email: Email


class NewEmailIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    current_email: Email
    new_email: Email


class CreateUserIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    action: Literal["CREATE_USER"]
    data: NewUserIn


class UpdateProfileIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    action: Literal["UPDATE_PROFILE"]
    data: ChangedUserIn


class UpdateEmailIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    action: Literal["UPDATE_EMAIL"]
    data: NewEmailIn


class CareUserOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Null: not known."""

    email: str | None
    first_name: str | None
    last_name: str | None
    dob: date | None
    phone_number: str | None
    gender: str | None
    address: str | None
    address2: str | None
    city: str | None
    state: str | None
    country: str | None
    postal_code: str | None


class SavedUserOut(CareUserOut, rename="camel", frozen=True, kw_only=True):
    """`id` stands with a user who was created."""

    id: UUID | UnsetType = UNSET


class SavedUserDataOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    user: SavedUserOut


class UserAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str
    data: SavedUserDataOut


class CommunicationOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`notificationsDisabled`: those by e-mail."""

    sms_notifications_disabled: bool
    notifications_disabled: bool


class ListedUserOut(CareUserOut, rename="camel", frozen=True, kw_only=True):
    allergies: str | None
    current_medications: str | None
    health_conditions: str | None
    language_preferences: list[str]
    communication_preferences: CommunicationOut


class UserPageMetaOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`cursor` is the `after` of the next page; null on the last."""

    has_more: bool
    cursor: str | None


class UserPageOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    meta: UserPageMetaOut
    data: list[ListedUserOut]


class FoundOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """`createdAt` and `existsInCurrentOrganization` stand with a user who was found."""

    created_at: datetime | UnsetType = UNSET
    exists_in_current_organization: bool | UnsetType = UNSET
    code: Literal["EMAIL_EXISTS", "PHONE_NUMBER_EXISTS", "USER_NOT_FOUND"]


class UserCheckOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`success` is false, with status 200, where nobody is found."""

    status: int = 200
    success: bool
    message: str
    data: FoundOut


def user_problems(body: CreateUserIn | UpdateProfileIn) -> Iterator[FieldProblem]:
    yield from email_problems("data.email", body.data.email)
    yield from storefront_problems(body.data, "data.")
    seen = {problem.field for problem in storefront_problems(body.data, "data.")}
    yield from (problem for problem in profile_problems(body.data, "data.") if problem.field not in seen)


def changed_user_problems(body: UpdateProfileIn) -> Iterator[FieldProblem]:
    if body.data == ChangedUserIn(email=body.data.email):
        yield FieldProblem("data", "expected something to change beside email")
    yield from user_problems(body)


def new_email_problems(body: UpdateEmailIn) -> Iterator[FieldProblem]:
    yield from email_problems("data.currentEmail", body.data.current_email)
    yield from email_problems("data.newEmail", body.data.new_email)


def email_problems(field: str, text: str) -> Iterator[FieldProblem]:
    if not is_email(text.strip()):
        yield FieldProblem(field, "expected an e-mail address such as name@example.com")
