"""Tips on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.staff.billing.schemas import ProviderTinyOut

TipCents = Annotated[int, Meta(ge=1, le=MAX_CENTS)]


class TipOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TipDetail`."""

    id: str
    charge_id: str
    amount: int
    provider_id: str
    provider: ProviderTinyOut


class TipIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TipCreate`."""

    charge_id: RecordName
    amount: TipCents
    provider_id: RecordName


class TipPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TipUpdate`. Without an amount it stays as it is."""

    provider_id: RecordName
    amount: TipCents | None = None
