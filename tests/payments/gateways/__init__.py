"""Gateways: what the adapters say of calls that go well, badly, or nobody knows how."""
