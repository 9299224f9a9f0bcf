"""SQL about prescription orders: their part of the case detail. `c` is the case; `%(most)s` bounds the list."""

from typing import LiteralString

CASE_ORDERS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', o.id, 'externalId', o.external_id, 'pharmacyOrderId', o.pharmacy_order_id,
    'trackingId', o.tracking_id, 'status', o.status, 'message', o.message, 'pharmacyName', o.pharmacy_name,
    'createdAt', o.created_at, 'replacementReason', o.replacement_reason, 'estDeliveryAt', o.estimated_delivery_at,
    'trackingUrl', o.tracking_url, 'carrierName', o.carrier_name,
    'items', coalesce((
      SELECT json_agg(json_build_object('id', i.id, 'name', i.name, 'quantity', i.quantity) ORDER BY i.position)
      FROM order_items i WHERE i.organization_id = o.organization_id AND i.order_id = o.id), '[]'),
    'shippingLogs', coalesce((
      SELECT json_agg(json_build_object('statusUpdatedAt', l.status_updated_at, 'location', l.location,
        'message', l.message, 'status', l.status) ORDER BY l.status_updated_at, l.id)
      FROM order_shipping_logs l WHERE l.organization_id = o.organization_id AND l.order_id = o.id), '[]')
  ) ORDER BY o.created_at, o.id)
  FROM (SELECT * FROM orders WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) o), '[]')
"""
