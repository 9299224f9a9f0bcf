"""A clinic whose people come in by themselves: its mail, its administrator, and members in whatever state a test wants."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pyotp

from carelane.organizations.limits import AddressLimiter
from carelane.sessions import codes
from carelane.sessions.access import Caller
from tests.cast import Clinic
from tests.factories.accounts import Account, bearer, open_account
from tests.quote_sending.world import World, until

INVITATIONS, MEMBERS = "/api/staff/invitations", "/api/staff/members"
PUBLIC_URL = "http://console.clinic.example"
PASSWORD = "a password of the test"
_LINK = re.compile(rf"{PUBLIC_URL}(/console/(invitation|reset)/(\S+))")


def caller(address: str = "192.0.2.1", device: str | None = None) -> Caller:
    return Caller(address, AddressLimiter(), 10_000, device)


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time.time()) + codes.STEP_SECONDS * steps)


class House:
    """One clinic of the world's, with an administrator who is signed in."""

    def __init__(self, world: World, clinic: Clinic, admin: Account, headers: dict[str, str]) -> None:
        self.world = world
        # As the server's own: what is queued here, its worker sends.
        mail = msgspec.structs.replace(world.services.settings, smtp_host="127.0.0.1", public_url=PUBLIC_URL)
        self.services = msgspec.structs.replace(world.services, settings=mail)
        self.clinic = clinic
        self.organization_id = UUID(clinic.organization_id)
        self.admin = admin
        self.headers = headers

    async def invite(self, email: str | None = None, role: str = "CASEWORKER", **changes: Any) -> httpx.Response:
        body = {"email": email or new_address(), "firstName": "Noa", "lastName": "Lund", "role": role, **changes}
        return await self.world.client.post(INVITATIONS, json=body, headers=self.headers)

    async def mails(self, address: str, count: int = 1) -> list[str]:
        """What came to the address, once so many mails have."""

        async def look() -> list[str]:
            found = self.world.mails_to(address)
            return found if len(found) >= count else []

        found: list[str] = await until(look)
        return found

    async def token(self, address: str, count: int = 1) -> str:
        """Of the link in the newest mail."""
        found = _LINK.search((await self.mails(address, count))[-1])
        assert found is not None
        return found[3]

    async def fetch(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    async def changes(self, staff_id: UUID | str) -> list[str]:
        """What the events tell of the member, in their order."""
        statement = "SELECT value_after FROM events WHERE type = 'STAFF_CHANGED' AND target_id = %s ORDER BY number"
        return [row[0] for row in await self.fetch(statement, UUID(str(staff_id)))]

    async def member(self, role: str = "CASEWORKER") -> Account:
        """Somebody with a password and, unless the role needs none, a second factor."""
        return await open_account(self.services, self.clinic, role)

    async def bearer(self, account: Account) -> dict[str, str]:
        return await bearer(self.services, account.organization_id, account.id)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """Keeps its cookies, as the shared client of the tests does not."""
        base = str(self.world.client.base_url)
        async with httpx.AsyncClient(base_url=base, timeout=30) as opened:
            yield opened


def new_address() -> str:
    return f"{uuid4().hex}@staff.example"
