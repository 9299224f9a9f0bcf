"""What money, appointments and pharmacies add to the whole case."""

from uuid import UUID

from tests.detail.matching import AN_ID
from tests.detail.whole_subject import EVENING, MORNING, NOON, WholeCase, named
from tests.factories.calendar import book
from tests.factories.orders import add_item, log_shipping, place_order
from tests.factories.payments import add_sub_fee, charge


async def add_payments(case: WholeCase) -> None:
    canceled = await charge(
        *case.here, 5, status="CANCELED", created_at=NOON, updated_at=NOON, canceled_at=EVENING, deleted_at=EVENING,
        is_scheduled=True, schedule_position=2, is_auto_created=True,
    )  # fmt: skip
    paid = await charge(
        *case.here, 9999, description="First month", created_at=MORNING, updated_at=NOON, due_at=MORNING, paid_at=NOON,
        consult_fee_cents=2500, convenience_fee_cents=1, payment_processing_fee_cents=320, pharmacy_fee_cents=4000,
        shipping_fee_cents=1250, syringe_kit_fee_cents=70, tech_platform_fee_cents=123456789,
        created_by_staff_id=case.ada,
    )  # fmt: skip
    await add_sub_fee(case.services, case.organization_id, paid, "Gloves", 99, 1)
    await add_sub_fee(case.services, case.organization_id, paid, "Ice", 300, 0)
    fees = {
        "consultFee": "25.00", "convenienceFee": "0.01", "paymentProcessingFee": "3.20", "pharmacyFee": "40.00",
        "shippingFee": "12.50", "syringeKitFee": "0.70", "techPlatformFee": "1234567.89",
    }  # fmt: skip
    case.expected["payments"] = [
        {
            "id": str(paid), "isDeleted": False, "description": "First month", "amount": "99.99", "status": "PAID",
            "dueDate": MORNING, "paymentDate": NOON, "cancellationDate": None, "isScheduled": False,
            "schedulePosition": None, "isAutoCreated": False, "createdAt": MORNING, "updatedAt": NOON,
            "fees": fees | {
                "subFees": [{"label": "Ice", "amount": "3.00"}, {"label": "Gloves", "amount": "0.99"}]
            },
            "createdBy": await named(case, case.ada),
        },
        {
            "id": str(canceled), "isDeleted": True, "description": None, "amount": "0.05", "status": "CANCELED",
            "dueDate": None, "paymentDate": None, "cancellationDate": EVENING, "isScheduled": True,
            "schedulePosition": 2, "isAutoCreated": True, "createdAt": NOON, "updatedAt": NOON,
            "fees": dict.fromkeys(fees, "0.00") | {"subFees": []},
            "createdBy": None,
        },
    ]  # fmt: skip


async def add_calendar(case: WholeCase) -> None:
    bare = await book(*case.here, EVENING, EVENING, timezone="UTC")
    full = await book(
        *case.here, MORNING, NOON, meeting_link="https://meet.example/1", meeting_provider="Meet",
        cancel_url="https://meet.example/c", reschedule_url="https://meet.example/r", provider_name="Ada Berg",
        provider_email="ada@staff.example",
    )  # fmt: skip
    await book(*case.here, MORNING, NOON, deleted_at=NOON)
    names = ("meetingLink", "meetingProvider", "cancelURL", "rescheduleURL", "providerName", "providerEmail")
    case.expected["calendarEvents"] = [
        {
            "id": str(full), "startDateTime": MORNING, "endDateTime": NOON, "timezone": "America/New_York",
            "meetingLink": "https://meet.example/1", "meetingProvider": "Meet",
            "cancelURL": "https://meet.example/c", "rescheduleURL": "https://meet.example/r",
            "providerName": "Ada Berg", "providerEmail": "ada@staff.example",
        },
        dict.fromkeys(names)
        | {"id": str(bare), "startDateTime": EVENING, "endDateTime": EVENING, "timezone": "UTC"},
    ]  # fmt: skip


async def add_orders(case: WholeCase) -> None:
    external_id = UUID(int=case.id.int ^ 1)
    shipped = await place_order(
        *case.here, external_id=external_id, pharmacy_order_id="RX-1", pharmacy_name="Corner Pharmacy",
        message="On its way", tracking_id="1Z", tracking_url="https://track.example/1Z", carrier_name="UPS",
        replacement_reason="LOST", estimated_delivery_at=EVENING, created_at=MORNING,
    )  # fmt: skip
    bare = await place_order(*case.here, status="RECEIVED", created_at=NOON)
    here = (case.services, case.organization_id, shipped)
    second, first = await add_item(*here, "Swabs", "1 box", 1), await add_item(*here, "Semaglutide", "4", 0)
    await log_shipping(*here, EVENING, status="OUT_FOR_DELIVERY", location="Boston", message="With the driver")
    await log_shipping(*here, NOON)
    case.expected["orders"] = [
        {
            "id": str(shipped), "externalId": str(external_id), "pharmacyOrderId": "RX-1", "trackingId": "1Z",
            "status": "SHIPPED", "message": "On its way", "pharmacyName": "Corner Pharmacy", "createdAt": MORNING,
            "items": [
                {"id": str(first), "name": "Semaglutide", "quantity": "4"},
                {"id": str(second), "name": "Swabs", "quantity": "1 box"},
            ],
            "replacementReason": "LOST",
            "shippingLogs": [
                {"statusUpdatedAt": NOON, "location": None, "message": None, "status": None},
                {"statusUpdatedAt": EVENING, "location": "Boston", "message": "With the driver",
                 "status": "OUT_FOR_DELIVERY"},
            ],
            "estDeliveryAt": EVENING, "trackingUrl": "https://track.example/1Z", "carrierName": "UPS",
        },
        dict.fromkeys(("pharmacyOrderId", "trackingId", "message", "pharmacyName", "replacementReason",
                       "estDeliveryAt", "trackingUrl", "carrierName"))
        | {"id": str(bare), "externalId": AN_ID, "status": "RECEIVED", "createdAt": NOON, "items": [],
           "shippingLogs": []},
    ]  # fmt: skip
