"""Carelane: a self-hosted backend for selling and delivering care online."""

__version__ = "0.1.0"
