"""Dialects: credentials, error bodies and routers, nothing else. What happens behind a route is the noun's business."""
