"""Charges as staff read them, on the wire. All amounts are cents of the charge's currency."""

from uuid import UUID

import msgspec

from carelane.charges.schemas import ChargeRowOut, TimelineEntryOut
from carelane.kit.phi import Phi


class DeskChargeOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A charge as the table shows it, and what the billing dialect does not say of it. `id` is its UUID."""

    id: UUID
    currency: str
    is_test: bool
    case_id: UUID | None
    charge: ChargeRowOut


class DeskChargesOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A page, and how many fit on all; a large number may be a while old."""

    charges: list[DeskChargeOut]
    total: int


class DeskChargeDetailOut(DeskChargeOut, frozen=True, kw_only=True):
    """With everything that happened to it, oldest first."""

    timeline: list[TimelineEntryOut]
