"""Every SQL statement about taxes."""

from typing import LiteralString

# The taxes raised at %(location_id)s (null: those raised everywhere), as a JSON list that reads as `list[rules.Tax]`.
# Needs %(organization_id)s.
TAXES_AT: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', t.id, 'percentage', t.percentage::text, 'scope', t.scope,
    'category_names', t.category_names) ORDER BY t.id)
  FROM taxes t WHERE t.organization_id = %(organization_id)s AND t.archived_at IS NULL AND (
    NOT EXISTS (SELECT FROM tax_locations a WHERE a.organization_id = t.organization_id AND a.tax_id = t.id)
    OR EXISTS (SELECT FROM tax_locations a WHERE a.organization_id = t.organization_id AND a.tax_id = t.id
      AND a.location_id = %(location_id)s::uuid))), '[]')
"""
