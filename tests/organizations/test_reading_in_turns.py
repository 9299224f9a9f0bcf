"""Organization files that are sent are read one at a time: a long one takes a core for seconds."""

import asyncio
from uuid import UUID

import pytest

from carelane.apply.elsewhere import reads
from carelane.apply.elsewhere.schemas import FileCheckIn
from carelane.kit.auth import system_actor
from carelane.kit.errors import UnavailableError
from carelane.kit.turns import Turns
from tests.own_clinic import make_clinic


async def test_a_file_waits_for_one_that_is_read_just_now(services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    body = FileCheckIn(file=f"organization: {{tenant: {clinic.tenant}, name: Own Clinic, casePrefix: OWN}}")
    async with reads.reading.turn("another organization"):
        asked = asyncio.create_task(reads.check_file(services, system_actor(UUID(clinic.organization_id)), body))
        done, _ = await asyncio.wait([asked], timeout=0.3)
        assert not done
    assert (await asked).can_apply


async def test_whose_turn_does_not_come_is_told_to_try_again(services, tmp_path, monkeypatch):
    clinic = await make_clinic(services, tmp_path)
    monkeypatch.setattr(reads, "reading", Turns(1, 1, wait_seconds=0.05))
    async with reads.reading.turn("another organization"):
        with pytest.raises(UnavailableError, match="try again"):
            await reads.check_file(services, system_actor(UUID(clinic.organization_id)), FileCheckIn(file="{}"))
