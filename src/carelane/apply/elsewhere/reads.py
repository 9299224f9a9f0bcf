"""What was changed elsewhere since the last apply, and what a file would change."""

import asyncio

from carelane.apply.actions import try_file
from carelane.apply.elsewhere.queries import find_last_applied_at
from carelane.apply.elsewhere.schemas import ChangedElsewhereOut, FileCheckIn, FileCheckOut
from carelane.apply.elsewhere.views import changed_records, file_changes
from carelane.apply.errors import ChangedElsewhereError
from carelane.apply.export.access import read_standing
from carelane.apply.queries import list_applied
from carelane.apply.reading import read_sent
from carelane.kit.auth import Actor
from carelane.kit.errors import UnavailableError
from carelane.kit.turns import NoTurnError, Turns
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services

# Reading a long file takes one core for ten seconds: one at a time, organizations in rotation, and the rest is everybody else's.
reading = Turns(1, 1, wait_seconds=20.0)


@requires(ORGANIZATION_MANAGE)
async def list_changed_elsewhere(services: Services, actor: Actor) -> ChangedElsewhereOut:
    """Record by record and field by field. Of secrets only digests are compared."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id, at_one_moment=True) as conn:
        standing = await read_standing(conn, actor.organization_id, data_key)
        applied = await list_applied(conn, actor.organization_id)
        at = await find_last_applied_at(conn, actor.organization_id)
    records = await asyncio.to_thread(changed_records, applied, standing)
    return ChangedElsewhereOut(last_applied_at=at, records=records)


@requires(ORGANIZATION_MANAGE)
async def check_file(services: Services, actor: Actor, body: FileCheckIn) -> FileCheckOut:
    """What applying the file would do; nothing is done. Raises InvalidFileError that lists every fault, and UnavailableError when
    others have so much to read that its turn does not come.

    Secrets that name variables are not looked at: those of the server are nobody's to try.
    """
    try:
        async with reading.turn(str(actor.organization_id)):
            files = await asyncio.to_thread(read_sent, body.file.encode())
    except NoTurnError:
        raise UnavailableError("other organization files are being read; try again in a minute") from None
    try:
        return FileCheckOut(can_apply=True, changes=file_changes(await try_file(services, actor, files), set()))
    except ChangedElsewhereError as error:
        conflicts = {problem.field for problem in error.problems}
        changes = await try_file(services, actor, files, overwrites=True)
        return FileCheckOut(can_apply=False, changes=file_changes(changes, conflicts))
