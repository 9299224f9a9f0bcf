"""What is sold without a cart, and what becomes of charges."""

_CHARGE = """id:string patientId:string patient:PatientSummary? total:integer totalOutstanding:integer description:string?
  status:ChargeStatus discountAmount:integer? discountPercentage:number? externalId:string?
  externalCreatedDate:date-time? ruleSetId:string? createdDate:date-time? creatorId:string? tips:TipDetail[]
  locationId:string? eventId:string? memberId:string? comment:string? meta:object? merchantAccountId:string?"""

ANSWERS = {"ChargeSummary": f"{_CHARGE} items:ChargeItem[]"}

BODIES = {
    "ChargeDetailInput": """id:string? patientId:string! patient:object? total:integer=0 totalOutstanding:integer!
      description:string? status:ChargeStatus=OUTSTANDING discountAmount:integer?=0 discountPercentage:number?=0
      externalId:string? externalCreatedDate:date-time? ruleSetId:string? createdDate:date-time? creatorId:string?
      items:ChargeItemInput[]=[] tips:TipDetailInput[]=[] locationId:string? eventId:string? memberId:string? comment:string?
      meta:object? merchantAccountId:string? payments:object[]=[] adjustments:object[]=[]""",
    "ChargeItemInput": """id:string? itemId:string? chargeId:string? name:string? description:string? quantity:integer!
      discountAmount:integer? discountPercentage:number? discountReason:string? price:integer! soldPackageId:string?
      bankedQuantity:integer? bankedItemId:string? issuedDiscountId:string? soldByProviderId:string? taxAmount:integer?
      pricingId:string? shipmentIds:string[]?""",
    "TipDetailInput": "chargeId:string? amount:integer! providerId:string! id:string? provider:object?",
    "AdjustmentCreate": "chargeId:string! providerId:string? locationId:string? amount:integer! reason:string!",
    "WriteOffCreate": "chargeId:string! providerId:string? locationId:string? reason:string!",
    "EditChargeComment": "comment:string!",
    "EditChargeDetails": "description:string? externalCreatedDate:date-time? comment:string?",
}

OPERATIONS = {
    "POST /billing/payment-terminal/charge/create": ("ChargeDetailInput", "ChargeSummary"),
    "POST /billing/payment-terminal/mark-no-charge": ("ChargeDetailInput[]", "ChargeDetail[]"),
    "POST /billing/adjustment/create": ("AdjustmentCreate", "AdjustmentSummary"),
    "POST /billing/write-off/create": ("WriteOffCreate", "AdjustmentSummary"),
    "DELETE /billing/charge/{charge_id}": (None, "boolean"),
    "GET /billing/charge/patients-by-ids": (None, "object"),
    "POST /billing/charge/update-comment/{id}": ("EditChargeComment", "boolean"),
    "POST /billing/charge/update-details/{id}": ("EditChargeDetails", "boolean"),
    "POST /billing/charge/update-sold-by-provider": (None, "object"),
}

QUERIES = {
    "GET /billing/charge/patients-by-ids": "charge_ids!",
    "POST /billing/charge/update-sold-by-provider": "item_id! item_type! provider_id",
}
