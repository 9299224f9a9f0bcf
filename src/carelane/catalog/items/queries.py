"""Every SQL statement about items of the billing dialect, which are the products of the catalogue."""

from typing import LiteralString

# A product `i` as JSON that reads as an ItemOut: a part of every statement that shows one.
ITEM: LiteralString = """
json_build_object('id', coalesce(i.given_id, i.id::text), 'name', i.name, 'brandName', i.brand_name,
  'description', i.description, 'price', i.price_cents, 'category', i.category, 'unit', i.unit,
  'isPhysical', i.is_physical, 'isArchived', NOT i.is_active, 'internalNotes', i.internal_notes,
  'sortOrder', i.sort_order, 'allowCustomPricing', i.allows_custom_pricing, 'type', i.type, 'externalId', i.external_id,
  'exemptedTaxIds', coalesce((SELECT json_agg(x.tax_id ORDER BY x.tax_id) FROM product_tax_exemptions x
    WHERE x.organization_id = i.organization_id AND x.product_id = i.id), '[]'), 'cost', i.cost_cents)
"""
