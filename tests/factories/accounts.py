"""Accounts of staff, with the password and the second factor that their owners would know."""

import time
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pyotp

from carelane.kit import passwords
from carelane.kit.auth import system_actor
from carelane.services import Services
from carelane.sessions import codes
from carelane.sessions.actions import open_session
from tests.cast import Clinic
from tests.factories.rows import update_row
from tests.factories.staff import hire


class Account(NamedTuple):
    tenant: str
    organization_id: UUID
    id: UUID
    email: str
    password: str
    totp_secret: str | None

    def body(self, steps: int = 0, **changes: Any) -> dict[str, Any]:
        """What signs in; the code is that of now, or of some steps later."""
        sent = {"tenant": self.tenant, "email": self.email, "password": self.password}
        if self.totp_secret is not None:
            sent["totp"] = pyotp.TOTP(self.totp_secret).at(int(time.time()) + codes.STEP_SECONDS * steps)
        return sent | changes


async def open_account(services: Services, clinic: Clinic, role: str = "CASEWORKER", **values: Any) -> Account:
    """A member who can sign in; with a second factor unless the role is SUPPORT."""
    organization_id = UUID(clinic.organization_id)
    email = f"{uuid4().hex}@staff.example"
    staff_id = await hire(services, organization_id, "Vera", "Lund", email=email, role=role, **values)
    secret = None if role == "SUPPORT" else codes.new_secret()
    account = Account(clinic.tenant, organization_id, staff_id, email, f"pass-{uuid4().hex}", secret)
    sealed = None
    if secret is not None:
        key = await services.keyring.data_key(organization_id)
        sealed = key.seal(secret.encode(), codes.SECRET, staff_id)
    secrets = {"password_hash": passwords.hash_now(account.password), "totp_secret_sealed": sealed}
    await update_row(services, organization_id, "staff", staff_id, **secrets)
    return account


async def sign_in(client: httpx.AsyncClient, account: Account, steps: int = 0, **changes: Any) -> httpx.Response:
    answer = await client.post("/api/staff/sessions", json=account.body(steps, **changes))
    # The client is everybody's: nobody's session may stay in it.
    client.cookies.clear()
    return answer


async def bearer(services: Services, organization_id: UUID, staff_id: UUID) -> dict[str, str]:
    """Headers of a member who is signed in."""
    async with services.db.transaction(system_actor(organization_id)) as conn:
        session = await open_session(conn, organization_id, "staff", staff_id)
    return {"Authorization": f"Bearer {session.token}"}
