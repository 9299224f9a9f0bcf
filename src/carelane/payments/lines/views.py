"""From lines to what is shown of them. No I/O."""

from carelane.kit.money import decimal_string
from carelane.payments.lines.rows import Worth
from carelane.payments.lines.schemas import RefundableItemOut


def show_item(worth: Worth, currency: str) -> RefundableItemOut:
    return RefundableItemOut(
        id=worth.line.id,
        charge_id=worth.line.charge_id,
        name=worth.line.name,
        quantity=worth.line.quantity,
        amount=decimal_string(worth.cents, currency),
        quantity_left=max(worth.quantity_left, 0),
        amount_left=decimal_string(worth.cents_left, currency),
    )
