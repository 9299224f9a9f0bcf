"""From a medium's row, or its name alone, to the billing dialect's shape."""

from datetime import datetime

from carelane.payments.mediums.custom.queries import MediumRow
from carelane.payments.mediums.custom.schemas import MediumOut


def show_medium(row: MediumRow) -> MediumOut:
    return MediumOut(
        name=row.name,
        is_system=False,
        is_archived=row.is_archived,
        created_date=row.created_at,
        updated_date=row.updated_at,
    )


def show_built_in(name: str, since: datetime) -> MediumOut:
    return MediumOut(name=name, is_system=True, is_archived=False, created_date=since)
