"""Bodies of place order: the page's own, without its key, with single places changed."""

import re
from copy import deepcopy
from typing import Any

from carelane.surfaces.docs.examples import PLACE_ORDER

_STEP = re.compile(r"[^.\[\]]+")


def order_body(key: str | None = None, **order: Any) -> dict[str, Any]:
    """A good body; `order` replaces members of the order."""
    body = deepcopy(PLACE_ORDER)
    del body["idempotencyKey"]
    if key is not None:
        body["idempotencyKey"] = key
    body["order"] |= order
    return body


def put(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with `value` at the path, such as `order.prescriptionItems[0].quantity`."""
    changed = deepcopy(body)
    inner, name = _parent(changed, path)
    inner[name] = value
    return changed


def drop(body: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy without the member at the path."""
    changed = deepcopy(body)
    inner, name = _parent(changed, path)
    del inner[name]
    return changed


def _parent(body: dict[str, Any], path: str) -> tuple[Any, Any]:
    steps = [int(step) if step.isdigit() else step for step in _STEP.findall(path)]
    inner: Any = body
    for step in steps[:-1]:
        inner = inner[step]
    return inner, steps[-1]


def strict_body(key: str | None = None, **order: Any) -> dict[str, Any]:
    """A body that the strict profile has nothing against."""
    body = put(order_body(key, **order), "order.prescriber.npi", "1234567893")
    return put(body, "order.prescriber.phoneNumber", "+14155550123")
