"""Giving a clinic a logo, and taking it away."""

import hashlib
from pathlib import Path

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError, refuse
from carelane.kit.images import read_image
from carelane.kit.typesetting import can_typeset, in_typesetter
from carelane.organizations.logos import queries
from carelane.organizations.logos.queries import Logo
from carelane.organizations.logos.schemas import EXPECTED, LogoIn, LogosOut, Use, broken_rules
from carelane.organizations.logos.views import show_logos, url_of
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_CHECK = Path(__file__).parent / "templates" / "check.typ"


@requires(CATALOG_WRITE)
async def set_logo(
    services: Services, actor: Actor, use: Use, body: LogoIn, request_key: RequestKey | None, base: str = ""
) -> LogosOut:
    """In place of the one there was. `base` is where addresses of ours begin. Raises RuleBrokenError, and what `run_once` raises."""
    logo = await logo_of(use, body)

    async def act(conn: Connection) -> LogosOut:
        await save_logo(conn, actor, logo, body.file)
        return show_logos(await queries.list_logos(conn, actor.organization_id), base)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def upload_logo(
    services: Services, actor: Actor, use: Use, body: LogoIn, request_key: RequestKey | None, base: str
) -> str:
    """As `set_logo`, for whoever asks for the address alone."""
    logo = await logo_of(use, body)

    async def act(conn: Connection) -> str:
        await save_logo(conn, actor, logo, body.file)
        return url_of(base, logo.digest)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def remove_logo(
    services: Services, actor: Actor, use: Use, request_key: RequestKey | None, base: str = ""
) -> LogosOut:
    """There may be none: then nothing happens."""

    async def act(conn: Connection) -> LogosOut:
        await drop_logo(conn, actor, use)
        return show_logos(await queries.list_logos(conn, actor.organization_id), base)

    return await run_once(services, actor, request_key, act)


async def logo_of(use: Use, body: LogoIn) -> Logo:
    """Of a picture that can be drawn: receipts are printed with it. Raises RuleBrokenError."""
    refuse(broken_rules(body))
    image = read_image(body.file)
    if image is None or not await in_typesetter(_is_drawn, body.file):
        raise RuleBrokenError(problems=[FieldProblem("file", EXPECTED)])
    digest = hashlib.sha256(body.file).hexdigest()
    return Logo(use, digest, image.media_type, image.width, image.height, len(body.file))


def _is_drawn(content: bytes) -> bool:
    inputs = {"logo": msgspec.json.encode(list(content)).decode()}
    return can_typeset(_CHECK, inputs, clock.now().replace(microsecond=0))


@requires(CATALOG_WRITE)
async def save_logo(conn: Connection, actor: Actor, logo: Logo, content: bytes) -> None:
    """One event if it is another picture than there was."""
    if await queries.save_logo(conn, actor.organization_id, logo, content):
        await _record(conn, actor, logo.used_on)


@requires(CATALOG_WRITE)
async def drop_logo(conn: Connection, actor: Actor, use: Use) -> None:
    """One event if there was one."""
    if await queries.delete_logo(conn, actor.organization_id, use):
        await _record(conn, actor, use)


async def _record(conn: Connection, actor: Actor, use: Use) -> None:
    event = events.new_event(
        actor,
        "ORGANIZATION_CHANGED",
        None,
        target_id=actor.organization_id,
        value_before=f"logo: {use}",
        value_after="CHANGED",
    )
    await events.record(conn, event)
