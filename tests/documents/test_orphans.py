"""Stored files that no row names are removed, and no others."""

from datetime import timedelta
from uuid import UUID

import pytest

from carelane.documents.jobs import ORPHAN_AGE, delete_orphans
from carelane.kit import clock
from carelane.kit.ids import uuid7
from tests.detail.asking import create_case
from tests.factories.documents import attach


async def test_only_old_files_without_a_row_are_removed(services, client, clinic):
    organization_id = UUID(clinic.organization_id)
    key = await services.keyring.data_key(organization_id)
    orphan = uuid7()
    storage_key = f"{organization_id}/{orphan.hex[-2:]}/{orphan.hex}"
    await services.storage.put(key, storage_key, orphan, b"nobody names me")
    kept = await attach(services, organization_id, await create_case(client, clinic), b"named")
    kept_key = f"{organization_id}/{kept.hex[-2:]}/{kept.hex}"

    await delete_orphans(services)
    assert await services.storage.get(key, storage_key, orphan) == b"nobody names me"

    with clock.moved(ORPHAN_AGE + timedelta(minutes=1)):
        await delete_orphans(services)
    assert await services.storage.get(key, kept_key, kept) == b"named"
    with pytest.raises(FileNotFoundError):
        await services.storage.get(key, storage_key, orphan)
