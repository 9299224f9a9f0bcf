"""The organization that the tenant walk asks about, and a question of the walk."""

from typing import Any, NamedTuple
from uuid import UUID, uuid4

# Prices end in it: a time of day does not hold it by chance.
PRICE = "48317.31"
MARK = f"zephyr{uuid4().hex}"
MARKED_FILE = """
organization: {{tenant: {mark}, name: "{mark} clinic", casePrefix: WLK}}
keys: [{{name: Storefront, secret: "{key}", scopes: ["cases:write", "cases:read", "catalog:read", "catalog:write",
         "patients:read", "patients:write", "patients:merge", "billing:read", "billing:write", "webhooks:manage",
         "portal:serve"]}}]
clients: [{{id: {client_id}, name: "{mark}", scopes: ["cases:read"], secret: "{client_secret}"}}]
products: [{{id: {product_id}, name: "{mark} product", price: "{price}"}}]
forms: [{{name: "{mark} form", questions: [{{text: "{mark} question", type: TEXT}}]}}]
bundles: [{{id: {bundle_id}, name: "{mark} bundle", price: "{price}", products: ["{mark} product"],
           intakeForm: "{mark} form", followupForm: "{mark} form"}}]
promoCodes: [{{code: "{mark}", discountAmount: "{price}", isVisible: true, label: "{mark}"}}]
"""


class Victim(NamedTuple):
    """The organization whose things are asked for. Each of its texts holds MARK."""

    organization_id: UUID
    key: dict[str, str]
    client_id: str
    product_id: str
    bundle_id: str
    email: str = f"{MARK}@patient.example"
    case_id: UUID | None = None
    document_id: UUID | None = None
    staff_id: UUID | None = None

    @property
    def billing(self) -> dict[str, str]:
        return {"API-KEY": self.key["cv-api-key"], "TENANT": MARK}


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]
