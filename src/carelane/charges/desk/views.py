"""From a charge's row to what staff are shown. No I/O."""

import msgspec

from carelane.charges.desk.schemas import DeskChargeDetailOut, DeskChargeOut
from carelane.charges.queries import ChargeRow
from carelane.charges.views import show_row, show_timeline
from carelane.kit.phi import DataKey


def show_desk_charge(data_key: DataKey, row: ChargeRow) -> DeskChargeOut:
    return DeskChargeOut(
        id=row.id, currency=row.currency, is_test=row.is_test, case_id=row.case_id, charge=show_row(data_key, row)
    )


def show_desk_detail(data_key: DataKey, row: ChargeRow) -> DeskChargeDetailOut:
    shown = show_desk_charge(data_key, row)
    return DeskChargeDetailOut(**msgspec.structs.asdict(shown), timeline=show_timeline(data_key, row))
