"""The front desk: quick notes, doubles, payment mediums and methods, the table of payments, cards."""

ANSWERS = {
    "QuickNote": """id:string patientId:string note:string creator:UserTiny eventId:string? createdDate:date-time
      updatedDate:date-time? isArchived:boolean""",
    # The vendor's members of this one are not known.
    "MergeSummary": "field:string patients:PatientSummary[]",
    "PaymentMediumDetail": "name:string isSystem:boolean isArchived:boolean createdDate:date-time updatedDate:date-time?",
    "PaymentMethodSummary": """id:string patientId:string? rainforestPaymentMethodId:string? brand:string? last4:string?
      expMonth:integer? expYear:integer? accountHolderType:string? accountNumberLast4:integer? bankName:string?
      routingNumber:integer? description:string? type:PaymentMethodType? isDefault:boolean isArchived:boolean
      availableMerchantIds:string[]? createdDate:date-time?""",
    "PaymentMethodConfigCreate": """sessionKey:string paymentMethodConfigId:string paymentMethods:PaymentMethodSummary[]
      sandbox:boolean""",
    "PayinComponentSetupResponse": """sessionKey:string payinConfigId:string paymentMethods:PaymentMethodSummary[]
      sandbox:boolean""",
    "ChargePaymentMethodResponse": "payinId:string amount:integer status:string authCode:string?",
    "PaymentPlanCreate": """id:string initialAmount:integer chargeIds:string[] frequency:PaymentPlanFrequency installments:integer
      installmentAmount:integer locationId:string? startDate:date paymentMethodId:string""",
    "PaymentTable": "items:PageOfPaymentTableItem hasInsurancePayments:boolean",
    "PageOfPaymentTableItem": "data:PaymentTableItem[] total:integer",
    "PaymentTableItem": """id:string firstName:string? lastName:string? patientId:string? externalPatientId:string? email:string?
      phoneNumber:string? comment:string? amount:integer currency:string status:PaymentStatus paymentMedium:string fee:integer
      feeToPatient:integer paymentMethod:PaymentMethodSummary? createdDate:date-time refunds:RefundSummary[] creator:UserTiny?
      isPaymentPlan:boolean items:ItemWithQuantity[] isInsurancePayment:boolean locationId:string?""",
    "ItemWithQuantity": """itemName:string description:string? chargeId:string? discountReason:string? discountAmount:integer?
      discountPercentage:number? quantity:integer unit:string? pricePerItem:integer taxAmount:integer? itemType:string?""",
}

BODIES = {
    "QuickNoteCreate": "patientId:string! note:string! creatorId:string! eventId:string? externalId:string?",
    "QuickNoteUpdate": "note:string? eventId:string?",
    # Nor are those of this one.
    "MergePatient": "patientId:string! duplicateIds:string[]!",
    "PaymentMediumCreate": "name:string!",
    "PaymentMediumUpdate": "name:string? isArchived:boolean?",
    "RainforestPaymentMethod": "paymentMethodId:string! paymentMethodConfigId:string? methodType:PaymentMethodType?",
    "PayinConfigCreate": """paymentAmount:integer? savePaymentMethod:boolean=false textReceipt:boolean=false
      paymentMedium:PaymentMedium! paymentPlan:PaymentPlanCreateWithoutID? isSurcharged:boolean=false locationId:string? creatorId:string?
      membershipId:string? membershipStartDate:date-time? soldByProviderId:string? merchantAccountId:string? cartId:string?
      charges:ChargeSummary[]!""",
    # Of what the table has, the two that are looked at.
    "ChargeSummary": "id:string! totalOutstanding:integer?",
    "ChargePaymentMethod": "payinConfigId:string!",
    "PaymentPlanCreateWithoutID": """initialAmount:integer! chargeIds:string[]! frequency:PaymentPlanFrequency!
      installments:integer! installmentAmount:integer! locationId:string? startDate:date?""",
    "PaymentPlanWithChargesRequest": """charges:ChargeDetailInput[]! paymentPlan:PaymentPlanCreateWithoutID!
      rainforestPaymentMethodId:string!""",
}

OPERATIONS = {
    "GET /user/patient/find-duplicates": (None, "MergeSummary[]"),
    "POST /user/patient/merge-duplicates": ("MergePatient[]", "PatientSummary[]"),
    "POST /user/patient/quick-note/create": ("QuickNoteCreate", "QuickNote"),
    "GET /user/patient/quick-note/list/{patient_id}": (None, "QuickNote[]"),
    "GET /user/patient/quick-note/{note_id}": (None, "QuickNote"),
    "PUT /user/patient/quick-note/update/{note_id}": ("QuickNoteUpdate", "QuickNote"),
    "DELETE /user/patient/quick-note/{note_id}": (None, "boolean"),
    "GET /admin/payment-mediums/list": (None, "PaymentMediumDetail[]"),
    "GET /admin/payment-mediums/list-external": (None, "PaymentMediumDetail[]"),
    "POST /admin/payment-mediums/create": ("PaymentMediumCreate", "PaymentMediumDetail"),
    "PUT /admin/payment-mediums/update/{name}": ("PaymentMediumUpdate", "PaymentMediumDetail"),
    "DELETE /admin/payment-mediums/delete/{name}": (None, "boolean"),
    "GET /billing/payment/table": (None, "PaymentTable"),
    "GET /billing/payment/methods": (None, "PaymentMethodSummary[]"),
    "POST /user/patient/payment-methods/create": ("RainforestPaymentMethod", "PaymentMethodSummary"),
    "DELETE /user/patient/payment-methods/{payment_method_id}": (None, "boolean"),
    "POST /billing/payment-terminal/create-payment-method-config": (None, "PaymentMethodConfigCreate"),
    "POST /billing/payment-terminal/payin-config": ("PayinConfigCreate", "PayinComponentSetupResponse"),
    "PATCH /billing/payment-terminal/payin-config/{payin_config_id}/metadata": (None, "object"),
    "POST /billing/payment-terminal/charge-card/{payment_method_id}": (
        "ChargePaymentMethod", "ChargePaymentMethodResponse"),
    "POST /billing/payment-plan/payin-config": ("PayinConfigCreate", "PayinComponentSetupResponse"),
    "POST /billing/payment-plan/create-with-charges": ("PaymentPlanWithChargesRequest", "PaymentPlanCreate"),
    "DELETE /billing/payment-plan/{charge_id}": (None, "boolean"),
}  # fmt: skip

QUERIES = {
    "GET /user/patient/find-duplicates": "fields",
    "PUT /admin/payment-mediums/update/{name}": "merge=false",
    "PATCH /billing/payment-terminal/payin-config/{payin_config_id}/metadata": "payment_medium save_payment_method",
    "GET /billing/payment/table": """page per_page sort_by sort_direction location_id id payer patient_id external_patient_id
      payer_type amount last4 comment payment_mediums status type tags created_date tz location_ids creator_name creator_id
      provider_id merchant_account_ids""",
    "GET /billing/payment/methods": "patient_id",
    "POST /user/patient/payment-methods/create": "patient_id",
    "DELETE /user/patient/payment-methods/{payment_method_id}": "patient_id",
    "POST /billing/payment-terminal/create-payment-method-config": "patient_id",
}
