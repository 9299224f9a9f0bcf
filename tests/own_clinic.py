"""Clinics that one test makes for itself, when the two of the demo would be in its way."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from carelane.apply.actions import apply_file
from carelane.kit.auth import new_secret
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.rows import insert_row
from tests.factories.staff import hire

_OF_CARE = ["cases:write", "cases:read", "catalog:read", "orders:write"]
_ALL = [*_OF_CARE, "catalog:write", "patients:read", "patients:write", "billing:read", "billing:write", "portal:serve"]
_ALL += ["webhooks:manage", "patients:merge", "payments:read", "payments:write", "payments:refund", "payments:send"]


async def make_clinic(
    services: Services,
    folder: Path,
    *,
    product_id: str | None = None,
    bundle_id: str | None = None,
    parts: dict[str, Any] | None = None,
    **organization: Any,
) -> Clinic:
    """An organization with one product and one bundle.

    `parts` replaces whole sections of the organization file, `organization` its settings (camelCase, as in the file).
    """
    clinic = Clinic(
        organization_id=str(uuid4()),
        tenant=f"own-{uuid4().hex[:16]}",
        api_key=new_secret("cvk"),
        catalog_only_key=new_secret("cvk"),
        client_id=str(uuid4()),
        client_secret=new_secret("cvs"),
        product_id=product_id or str(uuid4()),
        bundle_id=bundle_id or str(uuid4()),
    )
    content = _content(clinic, organization) | (parts or {})
    path = folder / f"{clinic.tenant}.yaml"
    # JSON is YAML, and is written ten times as fast.
    path.write_text(json.dumps(content))
    await apply_file(services, path, False, {})
    here = (services, UUID(clinic.organization_id))
    patient_id = await insert_row(
        *here, "patients", email=f"{uuid4().hex}@patient.example", first_name="Robin", last_name="Vale"
    )
    location_id = await insert_row(*here, "locations", name="Main Street", timezone="America/New_York")
    creator_id = await hire(*here, "Ada", "Berg")
    return msgspec.structs.replace(
        clinic, patient_id=str(patient_id), location_id=str(location_id), creator_id=str(creator_id)
    )


def _content(clinic: Clinic, organization: dict[str, Any]) -> dict[str, Any]:
    return {
        "organization": {
            "id": clinic.organization_id,
            "tenant": clinic.tenant,
            "name": "Own Clinic",
            "casePrefix": "OWN",
            **organization,
        },
        "keys": [
            {"name": "Storefront", "scopes": _ALL, "secret": clinic.api_key},
            {"name": "Catalog pages", "scopes": ["catalog:read"], "secret": clinic.catalog_only_key},
        ],
        "clients": [{"id": clinic.client_id, "name": "Server", "scopes": _OF_CARE, "secret": clinic.client_secret}],
        "products": [{"id": clinic.product_id, "name": "Tablets", "price": "159.00"}],
        "bundles": [{"id": clinic.bundle_id, "name": "Plan", "price": "99.99", "products": [clinic.product_id]}],
    }
