"""The door to what is to be paid by card."""

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.payments.terminal import queries
from carelane.payments.terminal.queries import ConfigRow


async def lock_config(conn: Connection, actor: Actor, ref: str) -> ConfigRow:
    """Raises RecordNotFoundError."""
    config_id = parse_uuid(ref)
    config = await queries.lock_config(conn, actor.organization_id, config_id) if config_id else None
    if config is None:
        raise RecordNotFoundError(f"no payin config {ref} here")
    return config
