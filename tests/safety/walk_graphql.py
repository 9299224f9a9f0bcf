"""The tenant walk's part about GraphQL: every query at the top, with the victim's ids and names."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.contract import CheckedClient
from tests.graphql_api.asking import (
    BRAND,
    CASE,
    CASES,
    EVERYTHING,
    ORGANIZATIONS,
    PATH,
    TESTIMONIALS,
    TREATMENTS,
    data_of,
)

# As in the OpenAPI document.
ROUTE = "POST /graphql"
EVERY_QUERY = (CASE, TREATMENTS, CASES, ORGANIZATIONS, BRAND, EVERYTHING, TESTIMONIALS)


def walk_graphql(
    mark: str, organization_id: UUID, case_id: UUID, *callers: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs, for each caller and for one without a credential."""
    asked: list[tuple[str, dict[str, Any]]] = [
        (CASE, {"caseId": str(case_id)}),
        (TREATMENTS, {"caseId": str(case_id)}),
        (CASES, {"limit": 100}),
        (CASES, {"limit": 100, "after": str(case_id)}),
        (CASES, {"limit": 100, "after": "ffffffff-ffff-7fff-bfff-ffffffffffff"}),
        (ORGANIZATIONS, {}),
        (BRAND, {"organizationId": str(organization_id)}),
        (EVERYTHING, {"linkName": mark}),
        (TESTIMONIALS, {"linkName": mark}),
    ]
    for headers in ({}, *callers):
        for query, variables in asked:
            yield ROUTE, ("POST", PATH, {"headers": headers, "json": {"query": query, "variables": variables}})


async def seen_by_owner(client: CheckedClient, headers: dict[str, str], case_id: UUID) -> str:
    return str(await data_of(client, CASE, headers, caseId=str(case_id)))
