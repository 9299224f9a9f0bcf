"""What all nouns have in common: lists with cursors, search, expansion, metadata."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from carelane.payments.gateways.simulator.accounts import Account
from carelane.payments.gateways.simulator.errors import invalid
from carelane.payments.gateways.simulator.wire import Object

MAX_METADATA = 50
_MAX_METADATA_KEY = 40
_MAX_METADATA_VALUE = 500
_DEFAULT_LIMIT = 10
_MAX_LIMIT = 100
_MAX_EXPAND_DEPTH = 4
_CLAUSE = re.compile(
    r"""\s*(?P<field>\w+(?:\[["'](?P<key>[^"']+)["']\])?)\s*(?P<sign>:|>=|<=|>|<)\s*["']?(?P<value>[^"']*?)["']?\s*$"""
)

Metadata = dict[str, str]


class Range(msgspec.Struct, forbid_unknown_fields=True):
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, value: int) -> bool:
        return not (
            (self.gt is not None and value <= self.gt)
            or (self.gte is not None and value < self.gte)
            or (self.lt is not None and value >= self.lt)
            or (self.lte is not None and value > self.lte)
        )


class Listing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    limit: int = _DEFAULT_LIMIT
    starting_after: str | None = None
    ending_before: str | None = None
    created: Range | int | None = None
    expand: list[str] = []


class Search(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    query: str
    limit: int = _DEFAULT_LIMIT
    page: str | None = None
    expand: list[str] = []


def page(
    account: Account, kind: str, url: str, wanted: Listing, matches: Callable[[Object], bool] = lambda _: True
) -> Object:
    """One page, the newest first, as every list of Stripe's."""
    _require_limit(wanted.limit)
    created = wanted.created
    found = (
        one
        for one in _candidates(account, kind, wanted)
        if (
            created is None
            or (created == one["created"] if isinstance(created, int) else created.holds(one["created"]))
        )
        if matches(one)
    )
    taken = [one for one, _ in zip(found, range(wanted.limit + 1), strict=False)]
    shown = taken[: wanted.limit]
    if wanted.ending_before:
        shown.reverse()
    return {"object": "list", "data": shown, "has_more": len(taken) > wanted.limit, "url": url}


def search(account: Account, kind: str, url: str, wanted: Search) -> Object:
    """Objects are found only when they are older than `search_lag_seconds`."""
    _require_limit(wanted.limit)
    clauses = [_clause(text) for text in re.split(r"\s+AND\s+", wanted.query)]
    newest = account.now() - account.world.settings.search_lag_seconds
    matching = [
        one for one in account.newest_first(kind) if one["created"] <= newest and all(clause(one) for clause in clauses)
    ]
    start = int(wanted.page or 0)
    end = start + wanted.limit
    has_more = len(matching) > end
    return {
        "object": "search_result",
        "data": matching[start:end],
        "has_more": has_more,
        "next_page": str(end) if has_more else None,
        "url": url,
    }


def expanded(account: Account, found: Object, paths: list[str]) -> Object:
    """A copy in which the ids at `paths` are objects."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > _MAX_EXPAND_DEPTH + (parts[0] == "data"):
            raise invalid(f"You cannot expand more than {_MAX_EXPAND_DEPTH} levels of a property.", "expand")
        found = _expand(account, found, parts, path)
    return found


def merged(old: Metadata, new: Metadata | str | None) -> Metadata:
    """`metadata=` empties it, an empty value removes its name."""
    if isinstance(new, str) or new is None:
        return {} if new == "" else old
    for name, value in new.items():
        if len(name) > _MAX_METADATA_KEY or len(value) > _MAX_METADATA_VALUE:
            limits = f"names up to {_MAX_METADATA_KEY} and values up to {_MAX_METADATA_VALUE} characters"
            raise invalid(
                f"Metadata can have {limits}. Invalid: {name[:_MAX_METADATA_KEY]}",
                f"metadata[{name[:_MAX_METADATA_KEY]}]",
            )
    found = {name: value for name, value in {**old, **new}.items() if value != ""}
    if len(found) > MAX_METADATA:
        raise invalid(f"Metadata can have up to {MAX_METADATA} names.", "metadata")
    return found


def _require_limit(limit: int) -> None:
    if not 1 <= limit <= _MAX_LIMIT:
        raise invalid(f"This value must be between 1 and {_MAX_LIMIT}.", "limit", "parameter_invalid_integer")


def _candidates(account: Account, kind: str, wanted: Listing) -> Iterator[Object]:
    if wanted.ending_before is not None:
        account.get(kind, wanted.ending_before, "ending_before")
        return account.oldest_first(kind, wanted.ending_before)
    if wanted.starting_after is not None:
        account.get(kind, wanted.starting_after, "starting_after")
    return account.newest_first(kind, wanted.starting_after)


def _clause(text: str) -> Callable[[Object], bool]:
    found = _CLAUSE.match(text)
    if found is None:
        raise invalid(f"We were unable to parse your search query: {text}", "query")
    name = found["field"].partition("[")[0]
    key, sign, value = found["key"], found["sign"], found["value"]

    def holds(one: Object) -> bool:
        actual = one.get(name)
        if key is not None:
            actual = actual.get(key) if isinstance(actual, dict) else None
        if sign == ":":
            return actual is None if value == "null" else str(actual) == value
        if not isinstance(actual, int) or not value.isdigit():
            return False
        return {
            ">": actual > int(value),
            "<": actual < int(value),
            ">=": actual >= int(value),
            "<=": actual <= int(value),
        }[sign]

    return holds


def _expand(account: Account, value: Any, parts: list[str], path: str) -> Any:
    if not parts:
        return value
    if isinstance(value, list):
        return [_expand(account, one, parts, path) for one in value]
    name, *rest = parts
    if not isinstance(value, dict) or name not in value:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    inner = value[name]
    if isinstance(inner, str):
        whole = account.find(inner)
        if whole is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        inner = whole
    return value if inner is None else {**value, name: _expand(account, inner, rest, path)}
