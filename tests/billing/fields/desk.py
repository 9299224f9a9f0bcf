"""Payments at the desk, and patients' credit."""

ANSWERS = {
    "PaymentSummary": """id:string patientId:string? payinId:string? amount:integer status:PaymentStatus currency:string
      payinConfigId:string? paymentMedium:string paymentMethodId:string? stripePaymentIntentId:string? failedReason:string?
      updatedDate:date-time? createdDate:date-time fee:integer feeToPatient:integer""",
    "PatientCreditSummary": """id:string patientId:string amount:integer amountRemaining:integer comment:string?
      expiryDate:date-time? memberId:string? createdDate:date-time updatedDate:date-time? creator:UserTiny?""",
    "PageOfPatientCreditSummary": "data:PatientCreditSummary[] total:integer",
    "AvailableCredit": """creditId:string remainingAmount:integer totalAmount:integer comment:string? expiryDate:date-time?
      createdDate:date-time""",
    "AvailableCreditResponse": "totalAvailable:integer credits:AvailableCredit[] count:integer",
}

BODIES = {
    "ChargeTableInput": """id:string! total:integer! totalOutstanding:integer! description:string? status:ChargeStatus!
      patient:object! ruleSetId:string? externalCreatedDate:date-time? createdDate:date-time! externalId:string?
      creator:object? adjustments:object[]=[] payments:object[]=[] plannedPayments:object[]=[] comment:string?
      items:object[]=[] locationId:string? tips:object[]=[]""",
    "RefundCreate": """paymentId:string! providerId:string! amount:integer! reason:RefundReason! description:string?
      locationId:string? restoreInventory:boolean=false""",
    "MovePaymentRequest": "paymentId:string! newPatientId:string!",
    "MovePaymentToLocationRequest": "paymentId:string! newLocationId:string!",
    "UpdatePaymentMediumRequest": "paymentId:string! newPaymentMedium:string!",
    "PatientCreditCreate": """patientId:string? amount:integer! amountRemaining:integer? comment:string? expiryDate:date-time?
      memberId:string? creatorId:string? externalId:string?""",
    "PatientCreditUpdate": "comment:string? expiryDate:date-time? amount:integer? amountRemaining:integer?",
}

OPERATIONS = {
    "POST /billing/payment/cash/create": ("ChargeTableInput", "PaymentSummary"),
    "POST /billing/payment/patient-credit/create": ("ChargeTableInput", "PaymentSummary"),
    "POST /billing/payment-terminal/charge/create-cash-settled": ("ChargeDetailInput[]", "PaymentSummary"),
    "POST /billing/payment-terminal/charge/create-patient-credit-settled": ("ChargeDetailInput[]", "PaymentSummary"),
    "POST /billing/payment/refund": ("RefundCreate", "RefundSummary"),
    "DELETE /billing/payment/{payment_id}": (None, "boolean"),
    "POST /billing/payment/move": ("MovePaymentRequest", "PaymentSummary"),
    "POST /billing/payment/move-to-location": ("MovePaymentToLocationRequest", "PaymentSummary"),
    "POST /billing/payment/update-medium": ("UpdatePaymentMediumRequest", "PaymentSummary"),
    "GET /user/patient/{patient_id}/credit": (None, "PageOfPatientCreditSummary"),
    "POST /user/patient/{patient_id}/credit": ("PatientCreditCreate", "PatientCreditSummary"),
    "PATCH /user/patient/{patient_id}/credit/{credit_id}": ("PatientCreditUpdate", "PatientCreditSummary"),
    "DELETE /user/patient/{patient_id}/credit/{credit_id}": (None, "object"),
    "GET /user/patient/{patient_id}/credit/available": (None, "AvailableCreditResponse"),
}

# `!`: it must be sent.
QUERIES = {
    "POST /billing/payment/cash/create": "payment_medium=CASH credit_overpayment_amount",
    "POST /billing/payment-terminal/charge/create-cash-settled": """payment_medium! amount! credit_overpayment_amount
      patient_id""",
    "POST /billing/payment-terminal/charge/create-patient-credit-settled": "amount! credit_ids",
    "GET /user/patient/{patient_id}/credit": "page=1 per_page=50 include_expired=false include_used=true",
}
