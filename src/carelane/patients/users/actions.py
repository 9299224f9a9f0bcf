"""What a storefront does with a user."""

from functools import partial

import msgspec
from msgspec import UNSET

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import InvalidRequestError, refuse
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.patients.profiles.actions import change_profile, get_profile, save_changes
from carelane.patients.profiles.queries import lock_profile
from carelane.patients.profiles.rows import changes_of
from carelane.patients.queries import lock_mailbox
from carelane.patients.users import queries
from carelane.patients.users.access import find_one
from carelane.patients.users.errors import UserExistsError
from carelane.patients.users.schemas import (
    CreateUserIn,
    NewUserIn,
    SavedUserDataOut,
    UpdateEmailIn,
    UpdateProfileIn,
    UserAnswerOut,
    changed_user_problems,
    new_email_problems,
    user_problems,
)
from carelane.patients.users.views import show_changed, show_created
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PATIENTS_WRITE)
async def create_user(
    services: Services, actor: Actor, body: CreateUserIn, request_key: RequestKey | None
) -> UserAnswerOut:
    """Raises InvalidRequestError, UserExistsError, and what `run_once` raises."""
    refuse(user_problems(body), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body.data))


async def _create(actor: Actor, data_key: DataKey, user: NewUserIn, conn: Connection) -> UserAnswerOut:
    mailbox, patient_id = mailbox_of(user.email.strip()), uuid7()
    await lock_mailbox(conn, actor.organization_id, mailbox)
    if await queries.list_sharers(conn, actor.organization_id, mailbox):
        raise UserExistsError(f"User {user.email.strip()} already exists")
    columns = changes_of(data_key, patient_id, None, user) | {"email": user.email.strip(), "mailbox": mailbox}
    if user.communication is not UNSET:
        told = msgspec.structs.asdict(user.communication)
        columns |= {name: value for name, value in told.items() if value is not UNSET}
    await queries.insert_user(conn, actor.organization_id, patient_id, columns)
    await events.record(conn, events.new_event(actor, "PATIENT_CREATED", None, target_id=patient_id))
    created = show_created(await get_profile(conn, actor, patient_id))
    return UserAnswerOut(message="User created successfully", data=SavedUserDataOut(user=created))


@requires(PATIENTS_WRITE)
async def update_profile(
    services: Services, actor: Actor, body: UpdateProfileIn, request_key: RequestKey | None
) -> UserAnswerOut:
    """Raises InvalidRequestError, RuleBrokenError (held since a case was assigned), UserNotFoundError, UserAmbiguousError,
    ConflictError, and what `run_once` raises."""
    refuse(changed_user_problems(body), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> UserAnswerOut:
        patient_id = await find_one(conn, actor, body.data.email, body.data)
        row = await change_profile(conn, actor, data_key, patient_id, body.data, "data.")
        return UserAnswerOut(message="Profile updated successfully", data=SavedUserDataOut(user=show_changed(row)))

    return await run_once(services, actor, request_key, act)


@requires(PATIENTS_WRITE)
async def update_email(
    services: Services, actor: Actor, body: UpdateEmailIn, request_key: RequestKey | None
) -> UserAnswerOut:
    """At any time. Raises InvalidRequestError, UserNotFoundError, UserAmbiguousError, UserExistsError, and what `run_once` raises."""
    refuse(new_email_problems(body), InvalidRequestError)
    return await run_once(services, actor, request_key, partial(_update_email, actor, body))


async def _update_email(actor: Actor, body: UpdateEmailIn, conn: Connection) -> UserAnswerOut:
    new_email = body.data.new_email.strip()
    before, after = mailbox_of(body.data.current_email.strip()), mailbox_of(new_email)
    # In one order, so that two who swap their addresses do not wait for each other.
    for mailbox in sorted({before, after}):
        await lock_mailbox(conn, actor.organization_id, mailbox)
    patient_id = await find_one(conn, actor, body.data.current_email, None)
    await lock_profile(conn, actor.organization_id, patient_id)
    if before != after and await queries.list_sharers(conn, actor.organization_id, after):
        raise UserExistsError(f"User {new_email} already exists")
    await save_changes(conn, actor, patient_id, {"email": new_email, "mailbox": after})
    row = await get_profile(conn, actor, patient_id)
    return UserAnswerOut(message="Email updated successfully", data=SavedUserDataOut(user=show_changed(row)))
