"""Applying organization files of the tests' own."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from carelane.apply.actions import apply_file
from carelane.apply.views import Change
from carelane.kit.auth import system_actor
from carelane.payments.accounts.access import WebhookAccount, list_webhook_accounts


class OwnFile:
    """An organization that no other test knows, and its file: the parts of `content`, changed as the test likes."""

    def __init__(self, services, path):
        self.services = services
        self.path = path
        self.content: dict[str, Any] = {
            "organization": {"tenant": f"moss-{uuid4().hex[:12]}", "name": "Moss", "casePrefix": "MOS"}
        }

    async def apply(self, dry_run: bool = False, overwrite: bool = False, **variables: str) -> list[Change]:
        self.path.write_text(yaml.safe_dump(self.content))
        return await apply_file(self.services, self.path, dry_run, variables, overwrite=overwrite)

    async def done(self, **variables: str) -> list[tuple[str, str, str]]:
        changes = await self.apply(**variables)
        return [(change.action, change.what, change.name) for change in changes if change.action != "unchanged"]

    @property
    def tenant(self) -> str:
        return self.content["organization"]["tenant"]

    async def organization_id(self) -> UUID:
        async with self.services.db.across() as conn:
            cursor = await conn.execute("SELECT find_organization(%s)", (self.tenant,))
            return (await cursor.fetchone())[0]

    async def execute(self, statement: str) -> None:
        """Changes rows, as a console would, without a word to the file."""
        async with self.services.db.transaction(system_actor(await self.organization_id())) as conn:
            await conn.execute(statement)

    async def fetch(self, query: str) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(await self.organization_id()) as conn:
            return await (await conn.execute(query)).fetchall()

    async def open(self, sealed: bytes, place: str, row_id: UUID) -> str:
        key = await self.services.keyring.data_key(await self.organization_id())
        return key.open(bytes(sealed), place, row_id).decode()

    async def heard_from(self) -> list[WebhookAccount]:
        """The accounts whose gateway's events are taken."""
        organization_id = await self.organization_id()
        data_key = await self.services.keyring.data_key(organization_id)
        async with self.services.db.reading(organization_id) as conn:
            return await list_webhook_accounts(conn, self.services, data_key, organization_id)


@pytest.fixture
def file(services, tmp_path):
    return OwnFile(services, tmp_path / "moss.yaml")
