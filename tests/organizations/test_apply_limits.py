"""A file is bound by the limits that the records' own actions keep, and is as fast as it is long."""

import time

import pytest

from carelane.apply.errors import InvalidFileError
from carelane.kit.errors import ConflictError, RuleBrokenError

DRUGS = 2_000


def taxes(count, first=0):
    return [{"name": f"Tax {number}", "percentage": 1} for number in range(first, first + count)]


async def test_there_are_at_most_200_taxes(file):
    file.content["taxes"] = taxes(201)
    with pytest.raises(ConflictError, match="more than 200 taxes"):
        await file.apply()
    assert await file.organization_id() is None
    file.content["taxes"] = taxes(200)
    await file.apply()
    file.content["taxes"] = [*taxes(199), {"name": "Tax 199", "percentage": 1, "isActive": False}, *taxes(1, first=200)]
    with pytest.raises(ConflictError):
        await file.apply()
    file.content["taxes"].pop()
    await file.apply()
    file.content["taxes"] += taxes(1, first=200)
    await file.apply()


def webhooks(prefix, count):
    return [{"name": f"{prefix} {number}", "url": "https://shop.example/hook"} for number in range(count)]


async def test_there_are_at_most_50_webhooks(file):
    file.content["webhooks"] = webhooks("A", 51)
    with pytest.raises(InvalidFileError, match="webhooks"):
        await file.apply()
    file.content["webhooks"] = webhooks("A", 50)
    await file.apply()
    file.content["webhooks"] = webhooks("B", 1)
    with pytest.raises(RuleBrokenError, match="fewer than 50 endpoints that are on"):
        await file.apply()


async def test_a_long_list_of_drugs_is_applied_in_seconds(file):
    """Its statements do not grow in number with the file: if they did, it would take minutes."""
    file.content["drugs"] = [{"code": f"drug-{number}", "name": "Tablets"} for number in range(DRUGS)]
    began = time.monotonic()
    await file.apply()
    file.content["drugs"][7]["name"] = "Drops"
    assert await file.done() == [("update", "drug", "drug-7")]
    assert time.monotonic() - began < 30
    assert await file.fetch("SELECT count(*) FROM events WHERE type = 'DRUG_CHANGED'") == [(DRUGS + 1,)]


async def test_patients_are_written_in_a_language_that_there_is(file):
    file.content["organization"]["language"] = "tlh"
    with pytest.raises(InvalidFileError, match=r"organization\.language: expected one of en, es"):
        await file.apply()
    file.content["organization"]["language"] = "es"
    await file.apply()
    assert [change.action for change in await file.apply() if change.what == "organization"] == ["unchanged"]
