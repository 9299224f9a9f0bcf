"""Every operation on quotes refuses who may not, and knows nothing of another clinic's quotes."""

from uuid import uuid4

import pytest

OPERATIONS = [
    ("POST", "/quote", {"patientId": "p", "cartId": "c", "creatorId": "s"}),
    ("GET", "/quote/list", None),
    ("GET", "/quote/{id}", None),
    ("PUT", "/quote/{id}", {"title": "Mine"}),
    ("GET", "/quote/public/{id}", None),
    ("GET", "/quote/{id}/view", None),
    ("POST", "/quote/{id}/items/add", {"itemId": "i"}),
    ("PUT", "/quote/{id}/items/{line}", {"quantity": 2}),
    ("DELETE", "/quote/{id}/items/{line}", None),
    ("POST", "/quote/respond", {"quoteId": "{id}", "response": "accept"}),
    ("POST", "/quote/convert-to-charge", {"quoteId": "{id}"}),
    ("POST", "/quote/expire-old", None),
]
OF_A_QUOTE = [operation for operation in OPERATIONS if "{id}" in f"{operation[1]}{operation[2]}"]


def filled(operation, quote):
    """Method, path and body of an operation on the quote."""
    method, path, body = operation
    line = quote["items"][0]["itemId"]
    told = {
        name: value.replace("{id}", quote["id"]) if isinstance(value, str) else value
        for name, value in (body or {}).items()
    }
    content = {"json": told} if body is not None else {}
    return method, "/billing" + path.replace("{id}", quote["id"]).replace("{line}", line), content


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation[0]} {operation[1]}")
async def test_nobody_comes_in_without_the_right_key_and_tenant(client, here, elsewhere, sent_quote, operation):
    quote = await sent_quote()
    method, path, content = filled(operation, quote)
    wrong = (
        {},
        {"TENANT": here.tenant},
        {"API-KEY": here.api_key},
        {"API-KEY": f"cvk_{uuid4().hex}", "TENANT": here.tenant},
        {"API-KEY": here.api_key, "TENANT": elsewhere.tenant},
        {"API-KEY": elsewhere.api_key, "TENANT": here.tenant},
        here.key,
    )
    for headers in wrong:
        answer = await client.request(method, path, headers=headers, **content)
        assert (answer.status_code, set(answer.json())) == (401, {"detail"})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation[0]} {operation[1]}")
async def test_a_key_without_the_scope_is_refused(client, here, sent_quote, operation):
    method, path, content = filled(operation, await sent_quote())
    headers = {"API-KEY": here.catalog_only_key, "TENANT": here.tenant}
    answer = await client.request(method, path, headers=headers, **content)
    assert answer.status_code == 403


@pytest.mark.parametrize("operation", OF_A_QUOTE, ids=lambda operation: f"{operation[0]} {operation[1]}")
async def test_another_clinics_quote_is_not_there(client, good, elsewhere, sent_quote, operation):
    quote = await sent_quote()
    method, path, content = filled(operation, quote)
    answer = await client.request(method, path, headers=elsewhere.billing, **content)
    assert (answer.status_code, answer.json()) == (404, {"detail": f"no quote {quote['id']} here"})
    assert await good("GET", f"/quote/{quote['id']}") == quote


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"', b"\xff"])
async def test_what_is_no_object_is_refused(client, here, sent_quote, body):
    quote = await sent_quote()
    for operation in OPERATIONS:
        method, path, content = filled(operation, quote)
        if content:
            headers = here.billing | {"content-type": "application/json"}
            answer = await client.request(method, path, headers=headers, content=body)
            assert (answer.status_code, method, path) == (422, method, path)


async def test_the_other_clinic_lists_nothing_of_it(client, here, elsewhere, sent_quote):
    quote = await sent_quote()
    for params in ({}, {"cart_id": quote["cartId"]}, {"patient_id": here.patient_id}):
        answer = await client.get("/billing/quote/list", headers=elsewhere.billing, params=params)
        assert answer.json() == {"data": [], "total": 0}
