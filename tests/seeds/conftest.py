"""A clinic that nobody else writes to, with the product and the bundle of the pages' examples."""

import re

import msgspec
import psycopg
import pytest

from carelane.apply.reading import read_file
from carelane.demo.data import DEMO_FILE
from tests.own_clinic import make_clinic

PRODUCT_ID = "9fc0d0f5-f211-4bf9-b105-485b1f29eb39"
BUNDLE_ID = "3b67583d-e17b-44de-8811-bdf520b99425"
UNKNOWN_BUNDLE_ID = "00000000-0000-0000-0000-000000000000"


def demo_parts():
    """Products, forms and bundles of the demo's first clinic, as they stand in its file."""
    # Forty letters are a key, a password and a secret in base32 alike.
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", DEMO_FILE.read_text()), "X" * 40)
    first = msgspec.to_builtins(read_file(DEMO_FILE, variables)[0])
    return {name: first[name] for name in ("products", "forms", "bundles")}


@pytest.fixture
async def page_clinic(services, tmp_path):
    return await make_clinic(services, tmp_path, product_id=PRODUCT_ID, bundle_id=BUNDLE_ID, parts=demo_parts())


@pytest.fixture
async def access_token(client, page_clinic):
    form = {
        "grant_type": "client_credentials",
        "client_id": page_clinic.client_id,
        "client_secret": page_clinic.client_secret,
    }
    return (await client.post("/oauth/token", data=form)).json()["access_token"]


@pytest.fixture
def broken(owner_url, page_clinic):
    """Breaks the clinic's data from below, so that the server meets what it cannot foresee."""

    async def run(statement):
        async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
            await conn.execute(statement, (page_clinic.organization_id,))

    return run
