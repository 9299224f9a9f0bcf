"""The demo data: two organizations with catalogue, forms and credentials, from `demo.yaml`.

Secrets are derived from the master key, so that asking again gives the same ones, and another installation has others.
"""

import base64
from pathlib import Path

from carelane.organizations.actions import SECRET_PREFIXES
from carelane.organizations.apply import apply_file
from carelane.organizations.manifest.reading import read_file
from carelane.organizations.manifest.schemas import OrganizationFile
from carelane.organizations.queries import CredentialKind
from carelane.services import Services

DEMO_FILE = Path(__file__).with_name("demo.yaml")

# The variables of demo.yaml, and what each is a secret of.
_VARIABLES: dict[str, CredentialKind] = {
    "HARBOR_KEY": "key",
    "HARBOR_CATALOG_KEY": "key",
    "HARBOR_CLIENT_SECRET": "client",
    "JUNIPER_KEY": "key",
    "JUNIPER_CATALOG_KEY": "key",
    "JUNIPER_CLIENT_SECRET": "client",
}


async def demo_data(services: Services) -> dict[str, object]:
    """Makes the demo organizations, or brings them back to the file, and returns their ids and secrets."""
    variables = {name: _secret(services, kind, name) for name, kind in _VARIABLES.items()}
    await apply_file(services, DEMO_FILE, dry_run=False, variables=variables)
    first, second = read_file(DEMO_FILE, variables)
    return _summary(first) | {"other": _summary(second)}


def _secret(services: Services, kind: CredentialKind, name: str) -> str:
    derived = base64.urlsafe_b64encode(services.master_key.derive(f"demo {name}"))
    return f"{SECRET_PREFIXES[kind]}_{derived.decode().rstrip('=')}"


def _summary(file: OrganizationFile) -> dict[str, object]:
    """Everything named here stands in the file with its id, first of its kind."""
    key, catalog_key = file.keys[0], file.keys[1]
    client = file.clients[0]
    return {
        "organizationId": str(file.organization.id),
        "tenant": file.organization.tenant,
        "apiKey": key.secret,
        "catalogOnlyKey": catalog_key.secret,
        "clientId": str(client.id),
        "clientSecret": client.secret,
        "productId": str(file.products[0].id),
        "bundleId": str(file.bundles[0].id),
    }
