"""Every SQL statement about packages of the billing dialect, which are the bundles of the catalogue."""

from typing import LiteralString

# A bundle `b` as JSON that reads as a PackageTinyOut: a part of every statement that shows one.
PACKAGE: LiteralString = """
json_build_object('id', coalesce(b.given_id, b.id::text), 'name', b.name, 'description', b.description,
  'isArchived', b.archived_at IS NOT NULL, 'price', b.price_cents, 'externalId', b.external_id)
"""
