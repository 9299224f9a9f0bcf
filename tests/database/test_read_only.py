"""A primary that takes no writes: callers of every dialect are told to come again, and what is only read is still shown."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.database.switch import read_only
from tests.detail.asking import PATH, create_case
from tests.factories.accounts import open_account, sign_in
from tests.factories.carts import CART
from tests.factories.cases import case_body
from tests.factories.quotes import make_quote
from tests.inbox.calling import message, open_pharmacy
from tests.quote_page.cast import Reader

Ask = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
async def writes(client, server, services, clinic) -> dict[str, Ask]:
    """A request that writes, for each dialect and for a page."""
    case_id = str(await create_case(client, clinic))
    account = await open_account(services, clinic)
    pharmacy = await open_pharmacy(client, services, clinic)
    _, external_id = await pharmacy.order()
    reader = Reader(server.url, services)
    quote = reader.path_of(clinic, await make_quote(services, clinic, requires_verification=False))
    cart = {"patientId": clinic.patient_id, "creatorId": clinic.creator_id, "items": []}
    return {
        "care": lambda: client.post("/api/v1/cases", json=case_body(clinic.product_id), headers=clinic.key),
        "care, read on record": lambda: client.get(PATH, params={"caseId": case_id}, headers=clinic.key),
        "billing": lambda: client.post(CART, json=cart, headers=clinic.billing),
        "staff": lambda: sign_in(client, account),
        "pharmacies": lambda: pharmacy.call(message(external_id, "ACCEPTED")),
        "page": lambda: reader.answer(quote, "accept"),
    }


async def test_each_dialect_says_when_to_come_again(client, database, clinic, writes):
    bundles = "/api/v1/organization/bundles"
    # The key is remembered from here on; to look it up may write when it was used last.
    assert (await client.get(bundles, headers=clinic.key)).status_code == 200
    with read_only(database):
        for who, ask in writes.items():
            answer = await ask()
            assert (who, answer.status_code, answer.headers.get("retry-after")) == (who, 503, "2")
        assert (await client.get(bundles, headers=clinic.key)).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
    for who, ask in writes.items():
        answer = await ask()
        assert answer.status_code < 300, (who, answer.text)
