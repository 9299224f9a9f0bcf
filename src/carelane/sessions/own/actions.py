"""Ending one's own sessions, and choosing the language that one is written in."""

from carelane.kit import clock
from carelane.kit.auth import Actor, digest
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import SESSION_OWN, requires
from carelane.services import Services
from carelane.sessions.own import queries
from carelane.sessions.queries import set_language, update_session_ended
from carelane.staff.actions import record_change


@requires(SESSION_OWN)
async def sign_out(services: Services, actor: Actor, token: str) -> None:
    """Ends the session that the token opened."""
    async with services.db.transaction(actor) as conn:
        await update_session_ended(conn, actor.organization_id, digest(token))


@requires(SESSION_OWN)
async def end_session(services: Services, actor: Actor, ref: str) -> None:
    """Ends a session of the member's own, wherever it is. Raises RecordNotFoundError."""
    session_id = parse_uuid(ref)
    async with services.db.transaction(actor) as conn:
        if session_id is None or actor.id is None:
            raise RecordNotFoundError("no such session here")
        if not await queries.set_ended(conn, actor.organization_id, actor.id, session_id, clock.now()):
            raise RecordNotFoundError("no such session here")
        await record_change(conn, actor, actor.id, "SESSION_ENDED")


@requires(SESSION_OWN)
async def end_other_sessions(services: Services, actor: Actor, token: str) -> int:
    """Ends every session of the member's own but the one that `token` opened; how many were good."""
    if actor.kind != "staff" or actor.id is None:
        return 0
    async with services.db.transaction(actor) as conn:
        ended = await queries.set_others_ended(conn, actor.organization_id, actor.id, digest(token))
        if ended:
            await record_change(conn, actor, actor.id, "SESSIONS_ENDED")
    return ended


@requires(SESSION_OWN)
async def choose_language(services: Services, actor: Actor, language: str) -> None:
    """Mail to the member speaks it."""
    if actor.kind != "staff" or actor.id is None:
        return
    async with services.db.transaction(actor) as conn:
        await set_language(conn, actor.organization_id, actor.id, language)
        await record_change(conn, actor, actor.id, "LANGUAGE_CHOSEN")
