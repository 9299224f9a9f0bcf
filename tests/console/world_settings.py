"""What the pages of the settings show of the full clinic: a key of each kind, and something that was changed since the file was applied."""

from uuid import UUID, uuid4

import msgspec

from carelane.clinic.credentials.actions import create_credential
from carelane.clinic.credentials.schemas import CredentialIn
from carelane.clinic.pharmacies.actions import create_pharmacy
from carelane.clinic.pharmacies.schemas import PharmacySettingsIn
from carelane.kit.auth import system_actor
from carelane.services import Services
from carelane.webhooks import signing
from carelane.webhooks.endpoints.actions import send_test
from carelane.webhooks.queries import SECRET
from carelane.webhooks.sending.views import ANSWER, KeptAnswer
from tests.cast import Clinic
from tests.factories.rows import insert_row


async def make_settings(services: Services, clinic: Clinic, marker: str) -> dict[str, str]:
    """The ids that stand for parameters of paths."""
    actor = system_actor(UUID(clinic.organization_id))
    body = CredentialIn(kind="key", name=f"{marker} storefront", scopes=["catalog:read", "cases:write"])
    made = await create_credential(services, actor, body, None)
    async with services.db.transaction(actor) as conn:
        await conn.execute("UPDATE products SET price_cents = price_cents + 1, name = name || %s", (f" {marker}",))
    data_key, told = await services.keyring.data_key(actor.organization_id), uuid4()
    endpoint = {"name": f"{marker} desk", "url": f"https://{marker.lower()}.example/desk", "events": ["CREATE_CASE"]}
    sealed = data_key.seal(signing.new_secret().encode(), SECRET, told)
    await insert_row(services, actor.organization_id, "webhook_endpoints", id=told, secret_sealed=sealed, **endpoint)
    sent = await send_test(services, actor, str(told))
    attempt = uuid4()
    answer = data_key.seal(msgspec.json.encode(KeptAnswer(f"{marker} <b>no</b>", is_cut=True)), ANSWER, attempt)
    tried = {"delivery_id": sent.id, "number": 1, "http_status": 500, "failure": "refused", "duration_milliseconds": 40}
    await insert_row(services, actor.organization_id, "webhook_attempts", id=attempt, answer_sealed=answer, **tried)
    box = PharmacySettingsIn(
        code=f"{marker}-box", name=f"{marker} Box", adapter="http", url=f"https://{marker.lower()}.example/rx"
    )
    shop = await create_pharmacy(services, actor, box, None)
    return {
        "pharmacy_id": str(shop.id),
        "credential_id": str(made.id),
        "endpoint_id": str(told),
        "delivery_id": str(sent.id),
    }
