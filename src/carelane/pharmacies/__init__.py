"""Pharmacies: where prescription orders go, and the drugs that storefronts may order.

A pharmacy speaks through an adapter (`adapters/`): `http` is our own documented JSON, `fhir` is FHIR R4, `simulator` and
`simulator-fhir` are the same two for the pharmacy simulator that comes with Carelane. Read by orders.
"""
