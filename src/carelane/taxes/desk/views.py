"""Taxes between their rows and the wire."""

from typing import Any

import msgspec

from carelane.taxes.desk.schemas import RaisedTaxOut
from carelane.taxes.queries import TaxRow
from carelane.web.versions import version_of


def show_tax(row: TaxRow) -> RaisedTaxOut:
    members: dict[str, Any] = msgspec.structs.asdict(row) | {"percentage": f"{row.percentage.normalize():f}"}
    return RaisedTaxOut(**members, version=version_of(row))
