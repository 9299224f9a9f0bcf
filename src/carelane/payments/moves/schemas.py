"""Changes of a payment on the wire."""

import msgspec

from carelane.kit.ids import RecordName


class MovePaymentIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`MovePaymentRequest`."""

    payment_id: RecordName
    new_patient_id: RecordName


class MoveToLocationIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`MovePaymentToLocationRequest`."""

    payment_id: RecordName
    new_location_id: RecordName


class UpdateMediumIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`UpdatePaymentMediumRequest`."""

    payment_id: RecordName
    new_payment_medium: str
