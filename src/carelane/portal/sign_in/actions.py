"""Sending a code, signing in with it, refreshing, logging out."""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import TOKEN_LIFETIME_SECONDS, Actor, digest, new_secret, system_actor
from carelane.kit.db import Connection
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import InvalidRequestError, refuse
from carelane.kit.ids import uuid7
from carelane.kit.languages import speaking
from carelane.kit.phi import DataKey
from carelane.kit.phones import to_e164
from carelane.messages.actions import queue
from carelane.messages.schemas import Channel, Content
from carelane.messages.templates.reads import write_mail
from carelane.organizations.queries import get_organization_name
from carelane.patients.queries import find_language
from carelane.permissions import PORTAL_SERVE, requires
from carelane.portal.sign_in import queries
from carelane.portal.sign_in.access import PatientToken, issue_access_token
from carelane.portal.sign_in.errors import (
    CodeRefusedError,
    CodeUsedError,
    RefreshInvalidError,
    RefreshReusedError,
    TooManyCodesError,
)
from carelane.portal.sign_in.queries import NewCode
from carelane.portal.sign_in.schemas import (
    ChannelName,
    CodeSentOut,
    DoneOut,
    IdentifierIn,
    RefreshIn,
    SendCodeIn,
    SignedInOut,
    TokensOut,
    VerifyCodeIn,
    send_problems,
    verify_problems,
)
from carelane.portal.sign_in.views import show_message, sms_text
from carelane.services import Services
from carelane.sessions.actions import open_session
from carelane.web.idempotency import RequestKey, run_once

CODE_LIFETIME = timedelta(minutes=5)
MAX_GUESSES = 5
SHORT_WINDOW, LONG_WINDOW = timedelta(minutes=15), timedelta(days=1)
# Rows that are further ahead are of a clock that was wrong.
CLOCK_TOLERANCE = timedelta(minutes=1)
MAX_SENT_LATELY, MAX_SENT_IN_A_DAY = 3, 10
# Storefronts call from their own servers, so one address may stand for all patients of a clinic.
MAX_SENT_TO_ADDRESS, MAX_SENT_IN_ORGANIZATION = 300, 600
FAMILY_LIFETIME, FAMILY_IDLE = timedelta(days=90), timedelta(days=30)
TOKEN_PREFIX = "cvr"  # noqa: S105 - how a refresh token begins, no secret
# No answer comes sooner: what was done meanwhile cannot be told from the time it took.
ANSWER_SECONDS = 0.25

_CHANNELS: dict[ChannelName, Channel] = {"SMS": "SMS", "EMAIL": "MAIL"}


@requires(PORTAL_SERVE)
async def send_code(
    services: Services, actor: Actor, body: SendCodeIn, address: str, request_key: RequestKey | None
) -> CodeSentOut:
    """Sends a code to a patient who is known. `address` is the caller's. Raises InvalidRequestError, TooManyCodesError."""
    refuse(send_problems(body), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CodeSentOut:
        await _send(conn, actor, data_key, body, address, services.settings.public_url)
        return CodeSentOut()

    async with _answered_in_time():
        return await run_once(services, actor, request_key, act)


async def _send(
    conn: Connection, actor: Actor, data_key: DataKey, body: SendCodeIn, address: str, public_url: str | None
) -> None:
    now, identifier = clock.now(), _identifier_digest(data_key, body)
    address_digest = data_key.digest(address.encode(), queries.ADDRESS)
    windows = SHORT_WINDOW, LONG_WINDOW, CLOCK_TOLERANCE
    _require_few(await queries.lock_counts(conn, actor.organization_id, identifier, address_digest, now, windows))
    patient_id = await queries.find_patient(conn, actor.organization_id, body.kind, _kept_form(body))
    code, code_id = f"{secrets.randbelow(1_000_000):06}", uuid7()
    new = NewCode(
        organization_id=actor.organization_id,
        id=code_id,
        patient_id=patient_id,
        identifier_digest=identifier,
        address_digest=address_digest,
        code_digest=_code_digest(data_key, code_id, code),
        created_at=now,
        expires_at=now + CODE_LIFETIME,
    )
    await queries.insert_code(conn, new)
    if patient_id is not None:
        clinic, channel = await get_organization_name(conn, actor.organization_id), _CHANNELS[body.channel]
        with speaking(await find_language(conn, actor.organization_id, patient_id)):
            content = Content(body.identifier, text=sms_text(clinic, code))
            if channel == "MAIL":
                named = {"code": code, "clinic": clinic}
                content = await write_mail(
                    conn, actor.organization_id, "SIGN_IN_CODE", named, body.identifier, public_url
                )
        await queue(conn, actor, data_key, show_message(content, channel, patient_id, new.expires_at))


def _require_few(sent: queries.Sent) -> None:
    is_lately = (
        sent.identifier_lately >= MAX_SENT_LATELY
        or sent.address >= MAX_SENT_TO_ADDRESS
        or sent.organization >= MAX_SENT_IN_ORGANIZATION
    )
    if is_lately:
        raise TooManyCodesError(int(SHORT_WINDOW.total_seconds()))
    if sent.identifier_in_a_day >= MAX_SENT_IN_A_DAY:
        raise TooManyCodesError(int(LONG_WINDOW.total_seconds()))


@requires(PORTAL_SERVE)
async def verify_code(
    services: Services, actor: Actor, body: VerifyCodeIn, request_key: RequestKey | None
) -> SignedInOut:
    """The tokens of a new family. Raises InvalidRequestError, CodeRefusedError, CodeUsedError."""
    refuse(verify_problems(body), InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with _answered_in_time():
        patient_id, code_id = await _judge(services, actor, data_key, body)

        async def act(conn: Connection) -> SignedInOut:
            if not await queries.claim_use(conn, actor.organization_id, code_id, clock.now()):
                raise CodeUsedError
            opened = await open_session(
                conn, actor.organization_id, "patient", patient_id, lifetime=FAMILY_LIFETIME, idle=FAMILY_IDLE
            )
            patient = msgspec.structs.replace(actor, kind="patient", id=patient_id)
            await events.record(conn, events.new_event(patient, "PATIENT_SIGNED_IN", None, target_id=patient_id))
            return await _give_tokens(services, conn, PatientToken(actor.organization_id, patient_id, opened.id))

        return await run_once(services, actor, request_key, act)


async def _judge(services: Services, actor: Actor, data_key: DataKey, body: VerifyCodeIn) -> tuple[UUID, UUID]:
    """Patient and code, if the guess is right. It was counted before, in a transaction of its own, and stays counted."""
    identifier = _identifier_digest(data_key, body)
    async with services.db.transaction(system_actor(actor.organization_id)) as conn:
        found = await queries.claim_guess(
            conn, actor.organization_id, identifier, MAX_GUESSES, clock.now(), CLOCK_TOLERANCE
        )
    if found is None:
        raise CodeRefusedError
    is_right = hmac.compare_digest(_code_digest(data_key, found.id, body.code), found.code_digest)
    if not is_right or found.patient_id is None:
        raise CodeRefusedError
    return found.patient_id, found.id


@requires(PORTAL_SERVE)
async def refresh_tokens(
    services: Services, actor: Actor, body: RefreshIn, request_key: RequestKey | None
) -> SignedInOut:
    """New tokens for a refresh token, which is worthless from then on. Raises RefreshInvalidError, and RefreshReusedError when it
    was replaced before: then its family has ended."""
    token_digest = digest(body.refresh_token)

    async def act(conn: Connection) -> SignedInOut:
        session_id = await queries.claim_replacement(conn, actor.organization_id, token_digest)
        if session_id is None:
            is_ours = await queries.find_replaced(conn, actor.organization_id, token_digest)
            raise RefreshReusedError if is_ours else RefreshInvalidError
        now = clock.now()
        family = await queries.lock_family(conn, actor.organization_id, session_id, now)
        if family is None:
            raise RefreshInvalidError
        await queries.set_family_used(conn, actor.organization_id, family.id, now + FAMILY_IDLE)
        return await _give_tokens(services, conn, PatientToken(actor.organization_id, family.patient_id, family.id))

    try:
        return await run_once(services, actor, request_key, act)
    except RefreshReusedError:
        # In a transaction of its own: the refused one leaves nothing.
        async with services.db.transaction(actor) as conn:
            await _end_family(conn, actor, token_digest, "REFRESH_TOKEN_REUSED")
        raise


@requires(PORTAL_SERVE)
async def log_out(services: Services, actor: Actor, body: RefreshIn, request_key: RequestKey | None) -> DoneOut:
    """Ends the family of the refresh token; of an unknown one nothing is said."""

    async def act(conn: Connection) -> DoneOut:
        await _end_family(conn, actor, digest(body.refresh_token), "LOGGED_OUT")
        return DoneOut()

    return await run_once(services, actor, request_key, act)


async def _end_family(conn: Connection, actor: Actor, token_digest: bytes, reason: str) -> None:
    family = await queries.set_family_ended(conn, actor.organization_id, token_digest)
    if family is not None:
        ended = events.new_event(actor, "PATIENT_SIGNED_OUT", None, target_id=family.patient_id, value_after=reason)
        await events.record(conn, ended)


async def _give_tokens(services: Services, conn: Connection, token: PatientToken) -> SignedInOut:
    refresh_token = new_secret(TOKEN_PREFIX)
    await queries.insert_refresh_token(conn, token.organization_id, token.session_id, digest(refresh_token))
    tokens = TokensOut(
        access_token=issue_access_token(services.token_key, token),
        refresh_token=refresh_token,
        expires_in=TOKEN_LIFETIME_SECONDS,
        patient_id=token.patient_id,
    )
    return SignedInOut(data=tokens)


def _kept_form(body: IdentifierIn) -> str:
    """As patients are found by it."""
    return mailbox_of(body.identifier) if body.kind == "email" else to_e164(body.identifier) or body.identifier


def _identifier_digest(data_key: DataKey, body: IdentifierIn) -> bytes:
    return data_key.digest(body.identifier.encode(), queries.IDENTIFIER)


def _code_digest(data_key: DataKey, code_id: UUID, code: str) -> bytes:
    return data_key.digest(code_id.bytes + code.encode(), queries.CODE)


@asynccontextmanager
async def _answered_in_time() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    answers_at = loop.time() + ANSWER_SECONDS
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, answers_at - loop.time()))
