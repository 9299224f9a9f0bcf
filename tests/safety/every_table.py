"""A row in each table that reading a whole case does not fill."""

from uuid import UUID

from carelane.kit.auth import digest, new_secret
from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_drug, add_pharmacy, license_member
from tests.factories.rows import insert_row
from tests.factories.staff import hire


async def fill(services: Services, organization_id: UUID, case_id: UUID, event_id: UUID) -> None:
    here = (services, organization_id)
    member = await hire(*here, "Row", "Everywhere")
    await license_member(*here, member, "NY", "2030-01-01")
    await insert_row(
        *here, "staff_sessions", staff_id=member, token_digest=digest(new_secret("cvt")), expires_at="2020-01-01"
    )
    pharmacy = await add_pharmacy(*here, code=f"row-{uuid7()}", is_active=False)
    await add_drug(*here, code=f"row-{uuid7()}", is_active=False)
    order = await place_order(*here, case_id, status="DELIVERED", pharmacy_id=pharmacy)
    await insert_row(*here, "order_attempts", order_id=order, call="new_rx", outcome="done", duration_milliseconds=1)
    told = {"pharmacy_id": pharmacy, "message_id": f"{uuid7()}", "status": "APPLIED", "sealed": b"x"}
    await insert_row(*here, "pharmacy_callbacks", **told)
    answer = {"key_digest": uuid7().bytes, "request_digest": b"x", "status": 200, "answer_sealed": b"x"}
    await insert_row(*here, "idempotency_keys", **answer)
    endpoint = {"name": f"{uuid7()}", "url": "https://x.example", "secret_sealed": b"x", "disabled_at": "2020-01-01"}
    endpoint_id = await insert_row(*here, "webhook_endpoints", **endpoint, disabled_reason="BY_STAFF")
    settled = {"endpoint_id": endpoint_id, "event_id": event_id, "status": "CANCELED", "next_attempt_at": None}
    delivery = await insert_row(*here, "webhook_deliveries", **settled)
    await insert_row(*here, "webhook_attempts", delivery_id=delivery, number=1, duration_milliseconds=1)
