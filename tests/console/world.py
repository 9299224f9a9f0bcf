"""The people and records that the generated tests look at: one clinic that is full, one that is empty and sees nothing of it."""

import asyncio
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.case_detail.files.actions import add_file
from carelane.case_detail.files.schemas import CaseFileIn
from carelane.figures.jobs import make_figures_of
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.orders.states import OrderStatus
from carelane.permissions import Role
from carelane.services import Services
from carelane.sessions.access import COOKIE
from carelane.sessions.actions import open_session
from carelane.sessions.links.access import token_of
from carelane.sessions.links.actions import make_link
from carelane.templates.actions import create_template
from carelane.templates.schemas import ContentIn, TemplateIn
from carelane.web.html.forms import form_token
from tests.cast import Clinic
from tests.console.pages import ROLES
from tests.console.world_audit import make_world_audit
from tests.console.world_billing import make_billing
from tests.console.world_catalog import PRODUCTS, make_catalog
from tests.console.world_mails import add_mails
from tests.console.world_settings import make_settings
from tests.factories.cases import case_body
from tests.factories.orders import add_call, add_callback, place_order
from tests.factories.payments import charge
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row
from tests.factories.staff import add_license, hire
from tests.own_clinic import make_clinic

# Stands in the records of the full clinic only.
MARKER = "Quillfeather"
CASES = 60
FEW_CASES = 3
# A picture of one point, in base64.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Member(msgspec.Struct, frozen=True):
    """Somebody who is signed in."""

    organization_id: UUID
    id: UUID
    token: str
    form_token: str

    @property
    def cookies(self) -> dict[str, str]:
        return {COOKIE.name: self.token}


class World(msgspec.Struct, frozen=True):
    full: Clinic
    empty: Clinic
    # What stands for a parameter of a path: `{case_id}`.
    ids: dict[str, str]
    staff: dict[Role, Member]
    strangers: dict[Role, Member]

    def path(self, template: str, query: str = "") -> str:
        try:
            path = template.format(**self.ids)
        except KeyError as missing:
            raise AssertionError(f"{template}: tests/console/world.py makes no record {missing}") from None
        return f"{path}?{query.format(**self.ids)}" if query else path


async def make_world(services: Services, client: httpx.AsyncClient, folder: Path, cases: int = CASES) -> World:
    full, empty = await make_clinic(services, folder), await make_clinic(services, folder)
    ids: dict[str, str] = {}
    for begin in range(0, cases, 6):
        made = await asyncio.gather(
            *(_make_case(client, full, number) for number in range(begin, min(begin + 6, cases)))
        )
        ids.setdefault("case_id", made[0])
        ids.setdefault("other_case_id", made[-1])
    charged = await charge(services, UUID(full.organization_id), UUID(ids["case_id"]), 15900)
    granted = {"payment_id": charged, "amount_cents": 100, "currency": "USD", "status": "GRANTED"}
    refund = await insert_row(services, UUID(full.organization_id), "refunds", **granted)
    ids |= {"payment_id": str(charged), "refund_id": str(refund)}
    ids["patient_id"] = await _patient_of(client, full, ids["case_id"])
    ids["other_id"] = await _patient_of(client, full, ids["other_case_id"])
    ids |= await _make_links(services, full)
    ids |= await _make_orders(services, full, ids["case_id"], FEW_CASES if cases == FEW_CASES else CASES)
    await make_figures_of(services, UUID(full.organization_id))
    await _let_fail(services, full, ids["other_case_id"])
    ids["file_id"] = await _add_file(services, full, ids["case_id"])
    ids["template_id"] = await _add_template(services, full)
    ids |= await make_catalog(services, full, MARKER, FEW_CASES if cases == FEW_CASES else PRODUCTS)
    ids |= await make_settings(services, full, MARKER)
    ids |= await make_billing(services, client, full, ids, FEW_CASES if cases == FEW_CASES else CASES)
    await make_world_audit(services, full, ids["other_case_id"], ids["patient_id"])
    ids |= await add_mails(services, full, MARKER)
    return World(full, empty, ids, await _sign_all_in(services, full), await _sign_all_in(services, empty))


async def _make_case(client: httpx.AsyncClient, clinic: Clinic, number: int) -> str:
    body = case_body(clinic.product_id)
    body["user"] |= {"firstName": f"Ophelia{number}", "lastName": MARKER}
    made = await client.post("/api/v1/cases", headers=clinic.key, json=body)
    assert made.status_code == 200, made.text
    return str(made.json()["data"]["caseId"])


async def _make_orders(services: Services, clinic: Clinic, case_id: str, count: int) -> dict[str, str]:
    """Some in each column, more than a column shows; one that needs a person, and a callback that found no order."""
    organization_id = UUID(clinic.organization_id)
    shop = await add_pharmacy(services, organization_id, name=f"{MARKER} Pharmacy")
    statuses: tuple[OrderStatus, ...] = get_args(OrderStatus)
    for number in range(count // 3):
        status = statuses[number % len(statuses)]
        await place_order(services, organization_id, UUID(case_id), status=status, pharmacy_id=shop)
    held = {"status": "NEEDS_ATTENTION", "failure": "the pharmacy gave no answer", "attempts": 4, "pharmacy_id": shop}
    order_id = await place_order(services, organization_id, UUID(case_id), **held)
    await add_call(services, organization_id, order_id, "new_rx", "unknown", failure="no answer in time")
    callback_id = await add_callback(services, organization_id, shop, "Q-88213")
    return {"order_id": str(order_id), "callback_id": str(callback_id)}


async def _let_fail(services: Services, clinic: Clinic, case_id: str) -> None:
    """Two payments that wait for somebody, an endpoint that answers no more, and one that was switched off for it."""
    here = services, UUID(clinic.organization_id)
    for stage in ("NEEDS_STAFF", "NEEDS_CARD"):
        await charge(*here, UUID(case_id), 15900, status="UNPAID", method="REFERENCE", stage=stage)
    endpoint = {"url": f"https://{MARKER.lower()}.example/hooks", "secret_sealed": b"x", "events": []}
    failing = endpoint | {"first_failed_at": clock.now()}
    await insert_row(*here, "webhook_endpoints", name=f"{MARKER} shop", **failing)
    off = failing | {"disabled_at": clock.now(), "disabled_reason": "FAILING"}
    await insert_row(*here, "webhook_endpoints", name=f"{MARKER} mirror", **off)


async def _add_file(services: Services, clinic: Clinic, case_id: str) -> str:
    picture = CaseFileIn(name=f"{MARKER}.png", data=PIXEL, mime_type="image/png")
    added = await add_file(services, system_actor(UUID(clinic.organization_id)), case_id, picture, None)
    return str(added.id)


async def _add_template(services: Services, clinic: Clinic) -> str:
    content = ContentIn(text=f"Dear {{firstName}}, {MARKER} says hello.", outcome="APPROVED", valid_days=90)
    body = TemplateIn(kind="DECISION", scope="CLINIC", name=f"{MARKER} and more", content=content)
    made = await create_template(services, system_actor(UUID(clinic.organization_id)), body, None)
    return str(made.id)


async def _patient_of(client: httpx.AsyncClient, clinic: Clinic, case_id: str) -> str:
    detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=clinic.key)
    return str(detail.json()["caseDetail"]["submitter"]["id"])


async def _make_links(services: Services, clinic: Clinic) -> dict[str, str]:
    """Somebody who is invited, and a link to another password."""
    organization_id = UUID(clinic.organization_id)
    member_id = await hire(services, organization_id, "Noa", MARKER)
    actor = system_actor(organization_id)
    async with services.db.transaction(actor) as conn:
        invitation = await make_link(conn, actor, member_id, "INVITATION")
        reset = await make_link(conn, actor, await hire(services, organization_id, "Noa", "Lund"), "RESET")
    return {
        "member_id": str(member_id),
        "invitation_id": str(invitation.id),
        "invitation_token": token_of(services.staff_link_key, invitation),
        "reset_token": token_of(services.staff_link_key, reset),
        "session_id": str(uuid4()),
        "demo_token": "x",
    }


async def sign_in(services: Services, clinic: Clinic, role: Role) -> Member:
    organization_id = UUID(clinic.organization_id)
    staff_id = await hire(services, organization_id, "Amara", "Voss", role=role, title="Dr.")
    await add_license(services, organization_id, staff_id, "NY")
    async with services.db.transaction(system_actor(organization_id)) as conn:
        session = await open_session(conn, organization_id, "staff", staff_id)
    return Member(organization_id, staff_id, session.token, form_token(services.form_key, session.token))


async def _sign_all_in(services: Services, clinic: Clinic) -> dict[Role, Member]:
    return {role: await sign_in(services, clinic, role) for role in ROLES}
