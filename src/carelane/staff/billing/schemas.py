"""Staff as the billing dialect shows them."""

from datetime import datetime
from typing import Literal

import msgspec


class ProviderTinyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ProviderTiny`: who made a cart or a quote."""

    id: str
    first_name: str
    last_name: str | None
    email: str | None
    created_date: datetime | None


class ProviderOut(ProviderTinyOut, frozen=True, kw_only=True):
    """A provider in full; archived is who works here no more."""

    type: Literal["PROVIDER"] = "PROVIDER"
    phone_number: str | None
    title: str | None
    title_suffix: str | None
    npi: str | None
    is_archived: bool
