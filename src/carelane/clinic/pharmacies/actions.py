"""Making and changing pharmacies, and giving one another secret."""

from uuid import UUID

from psycopg.errors import UniqueViolation

from carelane.clinic.pharmacies.access import get_pharmacy
from carelane.clinic.pharmacies.queries import ListedPharmacy
from carelane.clinic.pharmacies.schemas import (
    PharmacySecretOut,
    PharmacySettingsIn,
    broken_rules,
)
from carelane.clinic.pharmacies.views import pharmacy_out, with_secret
from carelane.kit.auth import Actor, new_secret
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError, refuse
from carelane.kit.http import TargetRefusedError
from carelane.kit.ids import uuid7
from carelane.permissions import PHARMACIES_MANAGE, requires
from carelane.pharmacies.actions import SECRET_PREFIX, SIMULATORS, WantedPharmacy, save_pharmacies
from carelane.pharmacies.queries import lock_pharmacies
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same

_TAKEN = FieldProblem("code", "another pharmacy has this code")


@requires(PHARMACIES_MANAGE)
async def create_pharmacy(
    services: Services, actor: Actor, body: PharmacySettingsIn, request_key: RequestKey | None
) -> PharmacySecretOut:
    """Its secret is in the answer, this once. Raises RuleBrokenError, and what `run_once` raises."""
    _check(services, body)
    made = uuid7()
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> PharmacySecretOut:
        secrets = await save_pharmacies(conn, actor, [_wanted(made, body)], data_key)
        return with_secret(await get_pharmacy(conn, actor, str(made)), secrets.get(made))

    try:
        return await run_once(services, actor, request_key, act)
    except UniqueViolation:
        raise RuleBrokenError(problems=[_TAKEN]) from None


@requires(PHARMACIES_MANAGE)
async def change_pharmacy(
    services: Services, actor: Actor, ref: str, body: PharmacySettingsIn, request_key: RequestKey | None
) -> PharmacySecretOut:
    """As a whole; the secret stays. What was a simulator gets one of its own, in the answer this once. Raises
    PharmacySettingsNotFoundError, RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""
    _check(services, body)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> PharmacySecretOut:
        there = await _lock(conn, actor, ref)
        require_same(body.version, pharmacy_out(there).version)
        secrets = await save_pharmacies(conn, actor, [_wanted(there.id, body)], data_key)
        return with_secret(await get_pharmacy(conn, actor, ref), secrets.get(there.id))

    try:
        return await run_once(services, actor, request_key, act)
    except UniqueViolation:
        raise RuleBrokenError(problems=[_TAKEN]) from None


@requires(PHARMACIES_MANAGE)
async def rotate_pharmacy(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None
) -> PharmacySecretOut:
    """Another secret, in the answer this once; orders and callbacks are signed with it from then on. Raises
    PharmacySettingsNotFoundError, RuleBrokenError for a simulator, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> PharmacySecretOut:
        there = await _lock(conn, actor, ref)
        if there.adapter in SIMULATORS:
            refuse([FieldProblem("code", "the simulator knows its usual secret alone")])
        secret = new_secret(SECRET_PREFIX)
        wanted = WantedPharmacy(
            id=there.id,
            code=there.code,
            name=there.name,
            adapter=there.adapter,
            url=there.url,
            is_active=there.is_active,
            secret=secret,
        )
        await save_pharmacies(conn, actor, [wanted], data_key)
        return with_secret(await get_pharmacy(conn, actor, ref), secret)

    return await run_once(services, actor, request_key, act)


async def _lock(conn: Connection, actor: Actor, ref: str) -> ListedPharmacy:
    """As it is once it is locked. Raises PharmacySettingsNotFoundError."""
    found = await get_pharmacy(conn, actor, ref)
    await lock_pharmacies(conn, actor.organization_id, [found.id])
    return await get_pharmacy(conn, actor, ref)


def _wanted(pharmacy_id: UUID, body: PharmacySettingsIn) -> WantedPharmacy:
    return WantedPharmacy(
        id=pharmacy_id,
        code=body.code,
        name=body.name,
        adapter=body.adapter,
        url=body.url,
        is_active=body.is_active,
    )


def _check(services: Services, body: PharmacySettingsIn) -> None:
    """Raises RuleBrokenError, also for a private address that CARELANE_ALLOWED_NETWORKS does not allow."""
    refuse(broken_rules(body))
    try:
        if body.url is not None:
            services.http.require_allowed(body.url)
    except TargetRefusedError as error:
        refuse([FieldProblem("url", str(error))])
