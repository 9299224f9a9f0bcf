"""Changes of a charge on the wire."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.pricing.schemas import Text, date_problem

SoldAs = Literal["LINE", "PACKAGE"]
# The vendor does not list its words for them.
_SOLD_AS: dict[str, SoldAs] = {"chargeitem": "LINE", "item": "LINE", "soldpackage": "PACKAGE", "package": "PACKAGE"}


class ChargeCommentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`EditChargeComment`: an empty one takes the comment away."""

    comment: Text


class ChargeDetailsIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`EditChargeDetails`. What is absent or null stays as it is; empty texts take away what there was."""

    description: Text | None = None
    external_created_date: datetime | None = None
    comment: Text | None = None


class SoldBy(msgspec.Struct, frozen=True, kw_only=True):
    """Who sold a line, as the query says it; nobody any more, where no provider is named."""

    item_id: str
    item_type: str
    provider_id: str | None


def details_problems(body: ChargeDetailsIn) -> Iterator[FieldProblem]:
    """What is wrong with the details by themselves."""
    yield from date_problem(body.external_created_date, "externalCreatedDate")


def sold_as(item_type: str) -> SoldAs | None:
    """What `item_type` calls a line of a charge, in whatever case; None where it is no word for one."""
    return _SOLD_AS.get(re.sub(r"[^a-z]", "", item_type.lower()))
