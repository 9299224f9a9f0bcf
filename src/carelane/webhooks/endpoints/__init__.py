"""Webhook endpoints and their deliveries, as staff with webhooks:manage see and change them.

A delivery is described by its event's name and ids. Only its contents hold health information: the body, and what receivers answered.
"""
