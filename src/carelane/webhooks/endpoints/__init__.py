"""Webhook endpoints and their deliveries, as staff with webhooks:manage see and change them.

No answer here holds health information: a delivery is described by its event's name and ids, never by its body.
"""
