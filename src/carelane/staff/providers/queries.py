"""Every SQL statement about staff as the billing dialect shows them."""

from typing import LiteralString

# A member of staff `s` as JSON that reads as a ProviderTinyOut: a part of every statement that shows one.
PROVIDER: LiteralString = """
json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name, 'lastName', s.last_name,
  'email', s.email, 'createdDate', s.created_at)
"""
