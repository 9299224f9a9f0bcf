"""A clinic with four bundles and a form that uses every member a question can have."""

import pytest

from tests.own_clinic import make_clinic

DOCUMENT = {"id": "7b0b2f34-9b8d-4b1e-8a49-5f0f3c1d2e60", "fileName": "consent.pdf", "isGlobal": True}
QUESTIONS = [
    {"text": "Are you well?", "type": "BOOLEAN", "required": True},
    {
        "text": "What ails you?",
        "type": "MULTISELECT",
        "isPHI": True,
        "carry": True,
        "options": ["Head", "Heart"],
        "hint": "All that apply",
        "placeholder": "Choose",
        "renderMode": "DROPDOWN",
        "condition": {"questionIndex": 0, "response": ["No", "Not quite"]},
    },
    {"text": "Sign here", "type": "STATEMENT", "organizationDocument": DOCUMENT},
]
FORMS = [
    {"name": "Intake", "description": "Before we begin", "questions": QUESTIONS},
    {"name": "Check-in", "isActive": False, "questions": [{"text": "Since then?", "type": "TEXT"}]},
]
BUNDLES = [
    {
        "name": "Whole",
        "price": "1234.5",
        "initialDiscount": 10,
        "priceUnit": "EUR",
        "description": "Everything",
        "imageUrl": "https://images.example.com/whole.png",
        "isSoldOut": True,
        "intakeForm": "Intake",
        "followupForm": "Check-in",
    },
    {"name": "Bare", "price": 0},
    {"name": "Hidden", "price": "0.07", "isVisible": False, "intakeForm": "Intake"},
    {"name": "Last", "price": "99.99"},
]


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    parts = {"forms": FORMS, "bundles": BUNDLES}
    return await make_clinic(services, tmp_path_factory.mktemp("shop"), parts=parts)


@pytest.fixture
def get(client, shop):
    """An answer about bundles to the shop, unless other headers are given."""

    async def send(path="", headers=None, **params):
        url = f"/api/v1/organization/bundles{path}"
        return await client.get(url, params=params, headers=shop.key if headers is None else headers)

    return send


@pytest.fixture
async def bundle_ids(get):
    """The shop's bundles' ids by name."""
    return {bundle["name"]: bundle["id"] for bundle in (await get()).json()["data"]}


@pytest.fixture(scope="module")
async def counter(services, tmp_path_factory):
    """A clinic that sells at the counter too."""
    return await make_clinic(services, tmp_path_factory.mktemp("counter"))


@pytest.fixture
def ask(client, counter):
    """An answer in the billing dialect to the counter's clinic, unless another is named."""

    async def send(method, path, body=None, headers=None, clinic=counter, **params):
        own = clinic.billing if headers is None else headers
        return await client.request(method, path, json=body, params=params, headers=own)

    return send
