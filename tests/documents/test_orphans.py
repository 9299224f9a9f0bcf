"""Stored files that no row names are removed, and no others; a sweep looks at what came since the one before."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from carelane.documents.actions import folder_of
from carelane.documents.jobs import JOB, ORPHAN_AGE, delete_orphans
from carelane.documents.queries import find_sweep, save_sweep
from carelane.kit import clock
from carelane.kit.ids import uuid7
from tests.detail.asking import create_case
from tests.factories.documents import attach

SOON = ORPHAN_AGE + timedelta(minutes=1)


class Store:
    """The files of one clinic, as the store has them."""

    def __init__(self, services, clinic, key):
        self.services, self.clinic, self.key = services, UUID(clinic.organization_id), key

    async def leave(self, folder):
        """A file that no row names."""
        orphan = uuid7()
        await self.services.storage.put(self.key, f"{self.clinic}/{folder}/{orphan.hex}", orphan, b"nobody names me")
        return orphan, folder

    async def has(self, file):
        orphan, folder = file
        try:
            await self.services.storage.get(self.key, f"{self.clinic}/{folder}/{orphan.hex}", orphan)
        except FileNotFoundError:
            return False
        return True


@pytest.fixture
async def store(services, clinic):
    return Store(services, clinic, await services.keyring.data_key(UUID(clinic.organization_id)))


async def swept(services, began):
    """As if the last sweep had begun then."""
    async with services.db.across() as conn:
        await save_sweep(conn, JOB, began)


async def test_only_old_files_without_a_row_are_removed(services, client, clinic, store):
    orphan = await store.leave(folder_of(clock.now()))
    kept = await attach(services, store.clinic, await create_case(client, clinic), b"named")
    kept_key = f"{store.clinic}/{folder_of(clock.now())}/{kept.hex}"
    await swept(services, clock.now())
    await delete_orphans(services)
    assert await store.has(orphan)
    with clock.moved(SOON):
        await delete_orphans(services)
    assert await services.storage.get(store.key, kept_key, kept) == b"named"
    assert not await store.has(orphan)


async def test_a_sweep_looks_into_the_folders_since_the_last_one(services, store):
    """All but the first of a month, which looks into every folder, those of earlier versions too."""
    began = datetime(2030, 5, 20, tzinfo=UTC)
    folders = {"seen": folder_of(began - timedelta(days=3)), "new": folder_of(began), "of before": "a7"}
    files = {name: await store.leave(folder) for name, folder in folders.items()}
    await swept(services, began)
    with clock.moved(began + SOON - clock.now()):
        await delete_orphans(services)
        assert [name for name, file in files.items() if await store.has(file)] == ["seen", "of before"]
        async with services.db.across() as conn:
            assert began + ORPHAN_AGE < await find_sweep(conn, JOB) < began + SOON + timedelta(minutes=5)
    with clock.moved(datetime(2030, 6, 1, tzinfo=UTC) - clock.now()):
        await delete_orphans(services)
    assert [name for name, file in files.items() if await store.has(file)] == []


async def test_what_the_last_sweep_found_too_young_is_looked_at_again(services, store):
    began = datetime(2030, 7, 20, tzinfo=UTC)
    file = await store.leave(folder_of(began - ORPHAN_AGE))
    await swept(services, began)
    with clock.moved(began + timedelta(hours=1) - clock.now()):
        await delete_orphans(services)
    assert not await store.has(file)
