"""Staff as the billing dialect shows them."""

from datetime import datetime

import msgspec


class ProviderTinyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ProviderTiny`: who made a cart or a quote."""

    id: str
    first_name: str
    last_name: str | None
    email: str | None
    created_date: datetime | None
