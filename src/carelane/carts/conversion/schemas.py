"""Conversion on the wire."""

from typing import Annotated

import msgspec

from carelane.carts.schemas import Text
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi

Name = Annotated[str, msgspec.Meta(max_length=255)]


class ConvertCartIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ConvertCartToChargeRequest`. `cart_id` says again what the path says."""

    cart_id: RecordName
    description: Text | None = None
    external_id: Name | None = None
    location_id: RecordName | None = None
    event_id: Name | None = None
