"""The body that makes a quote."""

from datetime import datetime

import msgspec

from carelane.carts.schemas import Text
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.quotes.schemas import Title


class QuoteIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`QuoteCreate`: lines, discounts and amounts are the cart's."""

    patient_id: RecordName
    cart_id: RecordName
    creator_id: RecordName
    id: RecordName | None = None
    title: Title | None = None
    description: Text | None = None
    valid_until_date: datetime | None = None
    terms: Text | None = None
    internal_notes: Text | None = None
    requires_patient_verification: bool = True
