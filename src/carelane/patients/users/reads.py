"""Whether there is a user, and users by their e-mail address."""

import base64
import binascii
from typing import Literal
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.kit.phones import to_e164
from carelane.patients.users import queries
from carelane.patients.users.schemas import FoundOut, UserCheckOut, UserPageMetaOut, UserPageOut
from carelane.patients.users.views import show_listed
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services

PHONE_PARAMETER = "phone-number"


class UserQuery(Phi, msgspec.Struct, frozen=True, kw_only=True):
    email: str | None
    after: str | None
    order: Literal["asc", "desc"]
    limit: int


@requires(PATIENTS_READ)
async def check_user(services: Services, actor: Actor, email: str | None, phone_number: str | None) -> UserCheckOut:
    """By the e-mail address, where both are given. Raises InvalidRequestError."""
    kind, identifier = _identifier(email, phone_number)
    async with services.db.transaction(actor) as conn:
        found = await queries.find_user(conn, actor.organization_id, kind, identifier)
        if found is not None:
            await events.record_read(conn, actor, "patient", found.id, "whether there is such a user")
    if found is None:
        return UserCheckOut(success=False, message="User does not exist", data=FoundOut(code="USER_NOT_FOUND"))
    code: Literal["EMAIL_EXISTS", "PHONE_NUMBER_EXISTS"] = "EMAIL_EXISTS" if kind == "email" else "PHONE_NUMBER_EXISTS"
    message = "Email already exists" if kind == "email" else "Phone number already exists"
    told = FoundOut(created_at=found.created_at, exists_in_current_organization=True, code=code)
    return UserCheckOut(success=True, message=message, data=told)


def _identifier(email: str | None, phone_number: str | None) -> tuple[Literal["email", "phone"], str]:
    """In the form that is compared."""
    if email is not None and email.strip():
        if not is_email(email.strip()):
            raise _refused("email", "expected an e-mail address such as name@example.com")
        return "email", mailbox_of(email.strip())
    if phone_number is None or not phone_number.strip():
        raise _refused("email", f"expected email or {PHONE_PARAMETER}")
    typed = phone_number.strip()
    # A plus sign that was not sent as %2B arrives as a blank.
    number = to_e164(f"+{typed}" if phone_number.startswith(" ") and typed[0] in "123456789" else typed)
    if number is None:
        raise _refused(PHONE_PARAMETER, "expected E.164, such as +12125550123, with the plus sign as %2B")
    return "phone", number


def _refused(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem(field, problem, "query")])


@requires(PATIENTS_READ)
async def list_users(services: Services, actor: Actor, query: UserQuery) -> UserPageOut:
    """Those whose address begins so, in the order their records were made. Raises InvalidRequestError."""
    after = _read_cursor(query.after)
    prefix = mailbox_of((query.email or "").strip())
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        # One more than is shown tells whether there is a next page.
        found = await queries.list_users(conn, actor.organization_id, prefix, after, query.order, query.limit + 1)
        shown = found[: query.limit]
        await events.record_reads(conn, actor, "patient", [row.id for row in shown], "list of users")
    has_more = len(found) > len(shown)
    cursor = _cursor_of(shown[-1].id) if has_more else None
    return UserPageOut(
        meta=UserPageMetaOut(has_more=has_more, cursor=cursor), data=[show_listed(data_key, row) for row in shown]
    )


def _cursor_of(patient_id: UUID) -> str:
    return base64.urlsafe_b64encode(patient_id.bytes).decode().rstrip("=")


def _read_cursor(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(f"{text}==", b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _refused("after", "expected the cursor of the page before") from None
