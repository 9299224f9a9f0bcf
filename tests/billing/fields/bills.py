"""Receipts, pay links, invoices."""

ANSWERS = {
    "PublicPatient": "id:string firstName:string? lastName:string?",
    "PublicCharge": """id:string total:integer totalOutstanding:integer description:string? status:ChargeStatus discountAmount:integer
      discountPercentage:number externalId:string? externalCreatedDate:date-time? createdDate:date-time ruleSetId:string?
      tips:TipDetail[]? taxTotal:integer?""",
    "PaymentMethodPublic": """brand:string? last4:string? expMonth:integer? expYear:integer? accountHolderType:string?
      accountNumberLast4:integer? bankName:string? routingNumber:integer? type:string?""",
    "PaymentReceipt": """id:string patient:PublicPatient amount:integer charges:PublicCharge[] refunds:RefundSummary[]
      createdDate:date-time paymentMedium:string paymentMethod:PaymentMethodPublic? feeToPatient:integer hasItems:boolean
      hasPackages:boolean""",
    "ItemWithQuantity": """itemName:string description:string? chargeId:string? discountReason:string? discountAmount:integer?
      discountPercentage:number? quantity:integer unit:string? pricePerItem:integer taxAmount:integer? itemType:string?""",
    # Ours: the vendor does not say which members these three have.
    "PublicInvoice": """id:string patient:PublicPatient amount:integer currency:string charges:PublicCharge[] createdDate:date-time
      paymentLink:string sandbox:boolean""",
    "PublicInvoiceSummary": """id:string patient:PublicPatient amount:integer currency:string chargeIds:string[] paymentLink:string
      sandbox:boolean""",
    "InvoiceSet": """id:string patient:PublicPatient status:InvoiceSetStatus amount:integer totalOutstanding:integer currency:string
      createdDate:date-time sendTime:date-time? paidDate:date-time? ruleSetId:string? locationId:string? chargeIds:string[]
      invoices:InvoiceForTable[]""",
    "PageOfInvoiceSet": "data:InvoiceSet[] total:integer",
    "PaymentLinkDetails": "charges:ChargeDetailWithItems[] patient:PatientSummary paymentLink:string",
    # `charge` is in newer pages of the vendor's, `paymentLink` is ours.
    "EmbedPaymentConfig": """sessionKey:string payinConfigId:string sandbox:boolean patient:PublicPatient fee:integer
      charge:PublicCharge paymentLink:string""",
    "InvoiceForTable": """id:string method:InvoiceMethod? status:InvoiceStatus rule:object? amount:integer sendTime:date-time?
      pausedDate:date-time? resumedDate:date-time? methodsAttempted:array[] failedReason:string? pdfPath:string?
      emailStatus:string? smsContent:string? callStatus:string?""",
}

BODIES = {
    "SendReceipt": "paymentId:string! useEmail:boolean! email:string? isAutomatic:boolean=false",
    "VerifyPatient": "patientId:string! lastName:string! phoneNumber:string! dateOfBirth:string!",
    "ManualInvoiceCreate": "patientId:string! message:string! invoiceMethod:InvoiceMethod! charges:ChargeNamed[]?",
    "ChargeNamed": "id:string!",
    "RetryInvoiceMethod": "invoiceSetId:string! method:InvoiceMethod!",
}

OPERATIONS = {
    "GET /billing/payment/{payment_id}/receipt": (None, "PaymentReceipt"),
    "GET /billing/payment/{payment_id}/receipt/items": (None, "ItemWithQuantity[]"),
    "GET /billing/payment/{payment_id}/items/authenticated": (None, "ItemWithQuantity[]"),
    "POST /billing/payment/send-receipt": ("SendReceipt", "boolean"),
    "GET /billing/payment-link/{patient_id}": (None, "PublicInvoice[]"),
    "GET /billing/payment-links": (None, "PublicInvoiceSummary[]"),
    "POST /billing/payment-link/verify-patient": ("VerifyPatient", "PaymentLinkDetails"),
    "POST /billing/embed-payment/{patient_id}": (None, "EmbedPaymentConfig"),
    "GET /billing/invoice/table": (None, "PageOfInvoiceSet"),
    "POST /billing/invoice/create": ("ManualInvoiceCreate", "InvoiceForTable"),
    "POST /billing/invoice/create-from-charge": (None, "InvoiceForTable"),
    "PUT /billing/invoice/retry-method": ("RetryInvoiceMethod", "InvoiceForTable[]"),
    "PUT /billing/invoice/{invoice_id}/send-now": (None, "InvoiceForTable"),
    "PUT /billing/invoice/{invoice_id}/retry-send": (None, "InvoiceForTable"),
}

QUERIES = {
    "GET /billing/invoice/table": """page per_page sort_by=send_time sort_direction=desc location_id search_term rule_set_id status
      amount created_date send_time tz""",
    "POST /billing/invoice/create-from-charge": "charge_id!",
    "GET /billing/payment-link/{patient_id}": """text_receipt=false save_payment_method=false is_surcharged return_url""",
    "GET /billing/payment-links": "phone_number! return_url",
    "POST /billing/embed-payment/{patient_id}": "amount_cents charge_id is_surcharged=true return_url",
}
