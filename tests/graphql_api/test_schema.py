"""The schema as a whole: every query is asked by the tenant walk, and what published clients select is there."""

import msgspec
from graphql import parse, validate

from carelane.organizations.branding.schemas import Look
from carelane.surfaces.graphql.schema import SCHEMA
from tests.graphql_api.asking import PLAIN
from tests.safety.walk_graphql import EVERY_QUERY


def test_the_tenant_walk_asks_every_query():
    """A field that is new at the top fails this until the walk asks for another's things by it."""
    assert SCHEMA.query_type is not None
    assert [name for name in SCHEMA.query_type.fields if name not in " ".join(EVERY_QUERY)] == []


def test_every_member_of_the_branding_is_a_field():
    shown = {name.encode_name for name in msgspec.structs.fields(Look)} - {"testimonials"}
    assert shown <= SCHEMA.get_type("OrganizationPartnerIntegrationPublicInfo").fields.keys()


def test_every_field_that_clients_select_can_be_said_in_the_organization_file():
    said = {name.encode_name for name in msgspec.structs.fields(Look)} | {"linkName"}
    assert set(PLAIN.split()) - said == {"id", "organizationId", "organizationName"}


def test_nothing_can_be_changed():
    assert SCHEMA.mutation_type is None
    assert SCHEMA.subscription_type is None
    assert validate(SCHEMA, parse("mutation { x }"))
