"""The demo's links sign in by one click: its own members, on loopback, and nobody else anywhere else."""

from uuid import UUID

import httpx
import pytest

from carelane.sessions.access import COOKIE
from carelane.sessions.one_click.access import OneClick, path_of
from tests.factories.accounts import open_account
from tests.factories.rows import update_row


async def click(server, path, **headers):
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as browser:
        answer = await browser.get(path, headers=headers)
        me = await browser.get("/api/staff/me")
        return answer, me


@pytest.mark.parametrize("who", ["staff", "admin"])
async def test_a_link_of_the_demo_signs_in(server, demo, who):
    answer, me = await click(server, demo["signIn"][who])
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert me.json()["member"]["id"] == demo[f"{who}Id"]
    # It can be clicked again.
    assert (await click(server, demo["signIn"][who]))[0].status_code == 303


async def test_each_clinic_has_its_own(server, demo):
    _, me = await click(server, demo["other"]["signIn"]["staff"])
    assert me.json()["member"]["id"] == demo["other"]["staffId"]
    assert "admin" not in demo["other"]["signIn"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "console.clinic.example"},
        {"Host": "10.0.0.1:8400"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"},
    ],
)
async def test_elsewhere_there_is_no_such_link(server, demo, headers):
    answer, me = await click(server, demo["signIn"]["admin"], **headers)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert me.status_code == 401


async def test_nor_where_a_public_address_is_set(world, house):
    """As in production behind a proxy that says nothing of whom it stands for."""
    await update_row(house.services, house.organization_id, "staff", house.admin.id, is_demo=True)
    path = path_of(house.services.staff_link_key, OneClick(house.organization_id, house.admin.id))
    async with house.browser() as browser:
        assert (await browser.get(path)).status_code == 404
    assert world


async def test_nobody_but_the_demos_members_has_one(server, services, clinic, demo):
    account = await open_account(services, clinic)
    key = services.staff_link_key
    real = path_of(key, OneClick(account.organization_id, account.id))
    foreign = path_of(key, OneClick(UUID(demo["other"]["organizationId"]), UUID(demo["staffId"])))
    forged = path_of(b"another key", OneClick(UUID(clinic.organization_id), UUID(demo["staffId"])))
    for path in (real, foreign, forged, demo["signIn"]["staff"][:-1], "/console/demo/x"):
        answer, _ = await click(server, path)
        assert answer.status_code == 404
        assert COOKIE.name not in answer.cookies
