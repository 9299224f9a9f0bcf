"""Dialects: credentials, error bodies and routers, nothing else. What happens behind a route is a feature's business."""
