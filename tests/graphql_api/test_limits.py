"""What GraphQL refuses to work at, quickly, and with a code."""

import time

import pytest
from graphql import get_introspection_query

from tests.graphql_api.asking import EVERYTHING, PATH, ask, code_of, data_of
from tests.review.people import employ

INFO = "organizationPartnerIntegrationPublicInfo"
TOO_LARGE = "QUERY_TOO_LARGE"


@pytest.fixture(scope="module")
async def ada(services, other_clinic):
    return await employ(services, other_clinic, "Ada")


def deep(levels: int) -> str:
    return "{ a " * levels + "}" * levels


def aliased(count: int, field: str = "__typename") -> str:
    return "{ " + " ".join(f"a{number}: {field}" for number in range(count)) + " }"


def bomb(levels: int) -> str:
    """Each fragment spreads the next twice."""
    parts = [f"fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}" for level in range(levels)]
    return " ".join(["{ ...F0 }", *parts, f"fragment F{levels} on Query {{ __typename }}"])


HEAVY = {
    "deep": deep(11),
    "deep, through inline fragments": "{ " + "... { " * 50 + "__typename" + " }" * 50 + " }",
    "aliases": aliased(11),
    "aliases in a fragment": "{ " + "...F " * 6 + "} fragment F on Query { a: __typename b: __typename }",
    "the same field": "{ " + "__typename " * 600 + "}",
    "the same fragment": "{ " + "...F " * 600 + "} fragment F on Query { __typename }",
    "the same field, through parents": "{ " + f"{INFO} {{ id id id }} " * 5 + "}",
    "a bomb of fragments": bomb(25),
    "a circle of fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment in itself": "{ ...A } fragment A on Query { ...A }",
    "a circle that nobody spreads": "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
    "directives": "{ __typename " + "@skip(if: false) " * 21 + "}",
    "directives that are unknown": "{ __typename " + "@x " * 500 + "}",
    "operations": " ".join(f"query Q{number} {{ __typename }}" for number in range(11)),
    "cost": aliased(
        10, f'{INFO}(linkName: "x") {{ productBundles {{ formVersion {{ forms {{ questions {{ id text }} }} }} }} }}'
    ),
    "pages": aliased(
        10,
        "cases(limit: 100) { data { id title status type caseProducts { id status organizationProduct { id name } } } }",
    ),
}


@pytest.mark.parametrize("name", HEAVY)
async def test_what_is_too_large_is_refused_at_once(client, name):
    began = time.monotonic()
    assert await code_of(client, HEAVY[name]) == TOO_LARGE
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", ["aliases", "cost", "a bomb of fragments"])
async def test_a_credential_changes_nothing_about_it(client, ada, name):
    assert await code_of(client, HEAVY[name], ada.headers) == TOO_LARGE


async def test_the_limits_themselves_may_be_reached(client):
    assert len(await data_of(client, aliased(10))) == 10
    assert await data_of(client, "{ " + "__typename " * 10 + "}") == {"__typename": "Query"}
    assert await data_of(client, "{ ...F } fragment F on Query { __typename }") == {"__typename": "Query"}


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "}",
        "{ }",
        "",
        " ",
        "query",
        "{ a(",
        "\N{SNOWMAN}",
        "{ a " + "b " * 5_000 + "}",
        "{" * 900,
        "{ a(x: " + "[" * 900 + ") }",
        '{ a(x: "\\u00',
    ],
)
async def test_what_is_no_graphql_is_refused(client, query):
    answer = await client.post(PATH, json={"query": query})
    assert answer.status_code in (200, 400)
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] in ("GRAPHQL_PARSE_FAILED", "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "query",
    [
        "{ nothing }",
        f"{{ {INFO} }}",
        f"{{ {INFO}(linkName: 7) {{ id }} }}",
        f"{{ {INFO}(unknown: 7) {{ id }} }}",
        "{ ...Unknown }",
        "query ($x: Unknown) { __typename }",
        "mutation { anything }",
        "subscription { anything }",
        "type Query { a: Int }",
    ],
)
async def test_what_does_not_fit_the_schema_is_refused(client, query):
    body = await ask(client, query)
    assert "data" not in body
    assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_nothing_is_suggested(client):
    """Whoever has no credential would learn the schema from suggestions, name by name."""
    body = await ask(client, f'{{ {INFO}(linkName: "x") {{ taglin }} }}')
    assert "tagline" not in str(body)


async def test_a_variable_of_another_type_is_named_and_not_quoted(client):
    for sent in (7, ["secret-name"], {"secret": "secret-name"}, True):
        body = await ask(client, EVERYTHING, linkName=sent)
        [error] = body["errors"]
        assert "$linkName" in error["message"]
        assert "secret" not in str(body)


@pytest.mark.parametrize(
    "body",
    ["[]", '[{"query": "{ __typename }"}, {"query": "{ __typename }"}]', "7", "{}", "", "x", '{"query": 7}', '{"query": null}',
     '{"query": "{ __typename }", "variables": []}', '{"query": "{ __typename }", "operationName": 7}'],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_400(client, body):
    answer = await client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


async def test_a_large_body_is_413(client):
    answer = await client.post(PATH, json={"query": "{ __typename }", "variables": {"x": "y" * 70_000}})
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_only_post_is_answered(client):
    answer = await client.get(PATH, params={"query": "{ __typename }"})
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_the_address_is_good_with_and_without_its_last_slash(client):
    for path in ("/graphql", "/graphql/"):
        answer = await client.post(path, json={"query": "{ __typename }"})
        assert answer.json() == {"data": {"__typename": "Query"}}


async def test_the_operation_is_chosen_by_its_name(client):
    two = "query A { a: __typename } query B { b: __typename }"
    answer = await client.post(PATH, json={"query": two, "operationName": "B"})
    assert answer.json() == {"data": {"b": "Query"}}
    for named in (None, "C"):
        answer = await client.post(PATH, json={"query": two, "operationName": named})
        assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_members_that_clients_add_are_let_pass(client):
    sent = {"query": "{ __typename }", "extensions": {"clientLibrary": {"name": "x"}}, "id": "1"}
    assert (await client.post(PATH, json=sent)).json() == {"data": {"__typename": "Query"}}


async def test_introspection_needs_a_credential(client, ada, other_clinic):
    query = get_introspection_query()
    hidden = "{ ...S } fragment S on Query { schema: __schema { types { name } } }"
    inline = '{ ... on Query { ... { __type(name: "Case") { name } } } }'
    for asked in (query, hidden, inline):
        assert await code_of(client, asked) == "UNAUTHORIZED"
        for headers in (ada.headers, other_clinic.key):
            assert await data_of(client, asked, headers)
    assert (await data_of(client, query, ada.headers))["__schema"]["queryType"]["name"] == "Query"
