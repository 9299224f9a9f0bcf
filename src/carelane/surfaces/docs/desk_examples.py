"""Request bodies of the front desk shown in the documentation."""

from typing import Any

Example = dict[str, Any]

_PAYMENT = "0190f000-0000-7000-8000-000000000000"
_WHO: Example = {"patientId": "pat_jane", "creatorId": "prov_ada"}
_ITEM: Example = {"itemId": "itm_consultation", "quantity": 1, "price": 12_000}
_SALE: Example = _WHO | {"totalOutstanding": 12_000, "locationId": "loc_main", "items": [_ITEM]}
_FREE: Example = _WHO | {"totalOutstanding": 0, "items": [_ITEM | {"price": 0}]}
_ROW: Example = {
    "id": "chg_1",
    "total": 12_000,
    "totalOutstanding": 12_000,
    "status": "OUTSTANDING",
    "patient": {"id": "pat_jane"},
    "createdDate": "2030-01-02T09:00:00Z",
}
_PLAN: Example = {
    "initialAmount": 4_000,
    "chargeIds": [],
    "frequency": "MONTHLY",
    "installments": 2,
    "installmentAmount": 4_000,
}

DESK_EXAMPLES: dict[str, dict[str, Any]] = {
    "createPatientCredit": {
        "credit": {"amount": 2_500, "comment": "For the wait", "expiryDate": "2030-01-31T00:00:00Z"}
    },
    "updatePatientCredit": {"change": {"amount": 3_000}},
    "mergeDuplicates": {"merge": [{"patientId": "pat_jane", "duplicateIds": ["pat_2"]}]},
    "createQuickNote": {"note": _WHO | {"note": "Prefers to be called after five."}},
    "updateQuickNote": {"change": {"note": "Prefers to be called after six."}},
    "updateChargeComment": {"comment": {"comment": "Paid on Friday"}},
    "updateChargeDetails": {"change": {"description": "First visit", "externalCreatedDate": "2030-01-02T09:00:00Z"}},
    "createCharge": {"sale": _SALE},
    "markNoCharge": {"sale": [_FREE]},
    "createCashPayment": {"row": _ROW},
    "createPatientCreditPayment": {"row": _ROW},
    "createCashSettled": {"sale": [_SALE]},
    "createPatientCreditSettled": {"sale": [_SALE]},
    "refundPayment": {
        "card": {"paymentId": _PAYMENT, "providerId": "prov_ada", "amount": 2_500, "reason": "OTHER"},
        "credit": {
            "paymentId": _PAYMENT,
            "providerId": "prov_ada",
            "amount": 2_500,
            "reason": "OTHER",
            "destination": "PATIENT_CREDIT",
        },
    },
    "createPaymentMedium": {"medium": {"name": "Gift card"}},
    "updatePaymentMediumName": {"change": {"name": "Voucher"}},
    "createPaymentMethod": {"card": {"paymentMethodId": "seti_1"}},
    "setupPayinComponent": {"card": {"charges": [{"id": "chg_1"}], "paymentMedium": "SAVED_PAYMENT_METHOD"}},
    "createPayinConfig": {"plan": {"charges": [{"id": "chg_1"}], "paymentMedium": "POS", "paymentPlan": _PLAN}},
    "chargePaymentMethod": {"card": {"payinConfigId": _PAYMENT}},
    "createPaymentPlanWithCharges": {
        "plan": {"charges": [_SALE], "paymentPlan": _PLAN, "rainforestPaymentMethodId": _PAYMENT}
    },
    "movePayment": {"move": {"paymentId": _PAYMENT, "newPatientId": "pat_2"}},
    "movePaymentToLocation": {"move": {"paymentId": _PAYMENT, "newLocationId": "loc_annex"}},
    "updatePaymentMedium": {"change": {"paymentId": _PAYMENT, "newPaymentMedium": "CHECK"}},
    "createAdjustment": {"less": {"chargeId": "chg_1", "amount": -500, "reason": "Waited too long"}},
    "createWriteOff": {"all": {"chargeId": "chg_1", "reason": "Moved away"}},
    "createTip": {"tip": {"chargeId": "chg_1", "amount": 1_500, "providerId": "prov_ada"}},
    "updateTip": {"change": {"providerId": "prov_ada", "amount": 2_000}},
}
