"""Patients, catalogue, places, carts, quotes, what is owed, webhooks."""

_QUOTE_SUMMARY = """id:string patientId:string status:QuoteStatus discountAmount:integer discountPercentage:number
  taxAmount:integer total:integer creatorId:string? cartId:string? title:string? itemCount:integer packageCount:integer
  createdDate:date-time? updatedDate:date-time? validUntilDate:date-time? sentDate:date-time? viewedDate:date-time?
  respondedDate:date-time? internalNotes:string? creator:ProviderTiny? patient:PatientSummary?"""
_ITEM = """id:string name:string brandName:string? description:string? price:integer category:string? unit:Unit?
  isPhysical:boolean isArchived:boolean internalNotes:string? sortOrder:integer? allowCustomPricing:boolean type:ItemType
  externalId:string? exemptedTaxIds:string[]? cost:integer?"""
_PACKAGE = "id:string name:string description:string? isArchived:boolean price:integer externalId:string?"
_TAG = """id:string name:string isActive:boolean createdDate:date-time emoji:string? color:string? updatedDate:date-time?"""
_USER = """id:string firstName:string? lastName:string? phoneNumber:string? email:string? type:UserType locationId:string?"""
_CHARGE = """id:string patientId:string patient:PatientSummary? total:integer totalOutstanding:integer description:string?
  status:ChargeStatus discountAmount:integer? discountPercentage:number? externalId:string?
  externalCreatedDate:date-time? ruleSetId:string? createdDate:date-time? creatorId:string? tips:TipDetail[]
  locationId:string? eventId:string? memberId:string? comment:string? meta:object? merchantAccountId:string?
  payments:ChargePaymentDetail[] adjustments:AdjustmentSummary[]"""
_CHARGE_ITEM = """id:string? itemId:string? chargeId:string? name:string? description:string? quantity:integer
  discountAmount:integer? discountPercentage:number? discountReason:string? price:integer soldPackageId:string?
  bankedQuantity:integer? bankedItemId:string? issuedDiscountId:string? soldByProviderId:string? taxAmount:integer?
  pricingId:string? shipmentIds:string[]?"""

_PATIENT = """id:string type:UserType createdDate:date-time firstName:string? lastName:string?
      phoneNumber:string? email:string? locationId:string? externalId:string? address:string? addressLineTwo:string?
      city:string? state:string? zipCode:string? country:string? addressValid:boolean? meta:object? isArchived:boolean?
      primaryLocationId:string? gender:string? dateOfBirth:date? patientMedications:string[]?
      onSchedulingBlacklist:boolean? surchargeDisabled:boolean? tags:Tag[]? creditBalance:integer?
      preferredProviderId:string? pronouns:string? preferredName:string? patientSource:PatientSource? leadSource:string?
      dosespotPatientId:string?"""
_PATIENT_DETAIL = f"""{_PATIENT} memberships:object[]? goalWeight:number? measurements:object[]? medications:object[]?
  optedOutOfSms:boolean?"""

ANSWERS = {
    "WebhookSummary": """id:string subscriptions:AlertType[] url:string createdDate:date-time updatedDate:date-time?
      secret:string notificationEmail:string? isArchived:boolean""",
    "WebhookDeliveryAttemptSummary": """id:string type:AlertType data:object createdDate:date-time alertId:string
      deliveredDate:date-time? lastDeliveryAttemptDate:date-time? lastDeliveryAttemptStatus:integer?
      lastDeliveryAttemptError:string?""",
    "WebhookConfig": "webhookUrl:string? webhookEnabled:boolean webhookSubscriptions:AlertType[] webhookSecret:string?",
    "CartSummary": """id:string patient:PatientSummary status:CartStatus discountAmount:integer discountPercentage:number
      taxAmount:integer total:integer subtotal:integer creator:ProviderTiny? items:CartItem[] quotes:QuoteSummary[]
      createdDate:date-time? updatedDate:date-time? expiresDate:date-time? notes:string? convertedChargeId:string?""",
    "CartItem": """id:string cartId:string itemId:string? packageId:string? quantity:number unitPrice:integer
      discountAmount:integer discountPercentage:number taxAmount:integer totalPrice:integer notes:string? item:ItemTiny?
      package:PackageTiny? createdDate:date-time? updatedDate:date-time?""",
    "QuoteSummary": _QUOTE_SUMMARY,
    "QuoteDetail": f"""{_QUOTE_SUMMARY} description:string? terms:string? items:QuoteItem[] convertedChargeId:string?
      subtotal:integer""",
    "QuoteItem": """quoteId:string itemId:string? packageId:string? quantity:number unitPrice:integer
      discountAmount:integer discountPercentage:number taxAmount:integer totalPrice:integer description:string?
      item:ItemTiny? package:PackageTiny? createdDate:date-time? updatedDate:date-time?""",
    "PublicQuoteView": """id:string status:QuoteStatus title:string? description:string? discountAmount:integer
      taxAmount:integer total:integer terms:string? validUntilDate:date-time? items:QuoteItem[] createdDate:date-time?
      viewedDate:date-time? respondedDate:date-time? subtotal:integer""",
    "ChargeDetail": f"{_CHARGE} items:ChargeItem[]",
    "ChargeDetailWithItems": f"{_CHARGE} items:ChargeItemDetail[]",
    "ChargeItem": _CHARGE_ITEM,
    "ChargeItemDetail": f"""{_CHARGE_ITEM} item:ItemTiny? locationId:string? locationName:string?
      saleDate:date-time?""",
    "ChargeTable": """id:string total:integer totalOutstanding:integer description:string? status:ChargeStatus
      patient:PatientSummary ruleSetId:string? externalCreatedDate:date-time? createdDate:date-time externalId:string?
      creator:UserTiny? adjustments:AdjustmentSummary[] payments:ChargeTablePayment[] plannedPayments:ChargeTablePlannedPayment[] comment:string?
      items:ChargeItemDetail[] locationId:string? tips:TipDetail[]""",
    "ChargeTablePlannedPayment": "id:string amount:integer status:PlannedPaymentStatus paymentDate:date-time",
    "ChargeTimeline": """id:string type:TimelineType amount:integer date:date-time paymentMethod:object?
      paymentMedium:string? status:TimelineStatus? comment:string? description:string? refundReason:RefundReason?
      items:ChargeItemDetail[]? discountAmount:integer? creator:UserTiny? feeToPatient:integer? tips:TipDetail[]?""",
    "ChargePaymentDetail": "paymentId:string amount:integer createdDate:date-time? chargeId:string payment:Payment",
    "Payment": """id:string patientId:string? payinId:string? amount:integer status:PaymentStatus currency:string
      payinConfigId:string? paymentMedium:string paymentMethodId:string? stripePaymentIntentId:string? failedReason:string?
      updatedDate:date-time? createdDate:date-time fee:integer feeToPatient:integer paymentMethod:object?
      refunds:RefundSummary[]""",
    "ChargeTablePayment": """id:string amount:integer status:PaymentStatus createdDate:date-time paymentMedium:string
      paymentMethod:object? refunds:RefundSummary[]""",
    "RefundSummary": """id:string paymentId:string amount:integer reason:RefundReason createdDate:date-time
      status:PaymentStatus rainforestRefundId:string? fee:integer""",
    "AdjustmentSummary": """chargeId:string providerId:string? locationId:string? id:string amount:integer reason:string?
      createdDate:date-time adjustmentType:AdjustmentType""",
    "PatientSummary": _PATIENT,
    "PatientWithMemberships": f"{_PATIENT} memberships:object[]?",
    "PatientTable": f"""{_PATIENT_DETAIL} appointmentCount:integer totalSpent:integer primaryLocationName:string?
      lastAppointmentDate:date-time?""",
    "PatientChart": f"""{_PATIENT_DETAIL} appointmentCount:integer? totalSpent:integer? healthData:object?
      profilePictureUrl:string?""",
    "Provider": """id:string firstName:string? lastName:string? phoneNumber:string? email:string? type:string locationId:string?
      externalId:string? address:string? addressLineTwo:string? city:string? state:string? zipCode:string? country:string?
      createdDate:date-time addressValid:boolean? meta:object? isArchived:boolean? primaryLocationId:string? roles:Role[]
      lastActive:date-time? credentials:string? bio:string? profileImage:string? hasGoogleCalendar:boolean
      nationalProviderIdentifier:string? bookingCapacity:integer? showIds:boolean showWeekendsOnCalendar:boolean
      showCancelledAppointments:boolean showMessagesBox:boolean startCalendarHour:integer? endCalendarHour:integer?
      sendGcalInvites:boolean calendarGridInterval:integer? appointmentTimeStepMinutes:integer?
      showTranslucentPastEvents:boolean showGhostEvent:boolean autoSignOffNotes:boolean dosespotUserId:string?
      showDeletedProviders:boolean ipBlockingExempt:boolean notificationAutoMarkRead:string onboardingStep:string
      onboardingSkippedAt:date-time? firebaseUid:string? visibleLocationIds:string[] permissions:string[]
      profileImageUrl:string?""",
    "Role": "id:string name:string userType:RoleType createdDate:date-time? updatedDate:date-time?",
    "PublicTenant": """name:string subDomain:string homePage:string phoneNumber:string logoUrl:string manualInvoiceText:string
      slogan:string? providerDeactivatedPages:string[] patientDeactivatedPages:string[] enabledModules:string[]
      hidePatientPaymentPlans:boolean passFeeToPatient:boolean requiredPatientFields:string[]
      selfSchedulingRedirectUrl:string? allowMultipleBookingsForDifferentAppointments:boolean
      maxSelfScheduleServices:integer mailDomain:string? mailReceivingEnabled:boolean createCreditFromBookingFee:boolean
      serviceDisplayMode:string receiptLogoUrl:string? googleTagManagerId:string?""",
    "ProviderTiny": "id:string firstName:string lastName:string? email:string? createdDate:date-time?",
    "UserTiny": _USER,
    "Tag": _TAG,
    "TagDetail": f"{_TAG} patientCount:integer?",
    "ItemTiny": _ITEM,
    "Item": f"{_ITEM} stocks:ItemStock[]?",
    "ItemStock": "itemId:string stockId:string quantityUsed:number",
    "ItemDetail": f"{_ITEM} stocks:ItemStock[]? usageCount:integer",
    "PackageTiny": _PACKAGE,
    "PackageDetail": f"""{_PACKAGE} internalNotes:string? items:PackageItem[]? category:string?
      numberOfActivePatients:integer numberOfPatients:integer createdDate:date-time?""",
    "PackageItem": "id:string packageId:string itemId:string quantity:integer? price:integer item:ItemTiny?",
    "TaxSummary": """id:string name:string percentage:number locationIds:string[]? scope:TaxScope
      categoryNames:string[]?""",
    "PublicLocation": """id:string name:string addressLineOne:string? addressLineTwo:string? city:string? state:string?
      zipCode:string? country:string? timezone:string""",
    "LocationDetail": """id:string isVirtual:boolean name:string addressLineOne:string? addressLineTwo:string?
      city:string? state:string? zipCode:string? country:string? timezone:string createdDate:date-time?
      spakinectLocationId:string? dosespotClinicId:string? dosespotClinicKey:string? externalId:string?
      description:string? phoneNumber:string? photoUrl:string? reviewLink:string? updatedDate:date-time?
      latitude:number? longitude:number? isArchived:boolean""",
}
for _name in (
    "CartSummary",
    "QuoteSummary",
    "ChargeTable",
    "ItemDetail",
    "PackageDetail",
    "Tag",
    "LocationDetail",
    "PatientTable",
):
    ANSWERS[f"PageOf{_name.rstrip('+')}"] = f"data:{_name}[] total:integer"

BODIES = {
    "WebhookCreate": "subscriptions:AlertType[]! url:string! notificationEmail:string?",
    "WebhookUpdate": "subscriptions:AlertType[]? url:string? notificationEmail:string?",
    "WebhookConfigUpdate": "webhookUrl:string? webhookEnabled:boolean=false webhookSubscriptions:AlertType[]=[]",
    "CartCreate": """patientId:string! id:string? creatorId:string? status:CartStatus? notes:string?
      expiresDate:date-time? discountAmount:integer=0 discountPercentage:number=0 items:CartItemCreate[]=[]""",
    "CartItemCreate": """itemId:string? packageId:string? quantity:number=1 unitPrice:integer? discountAmount:integer=0
      discountPercentage:number=0 notes:string?""",
    "CartItemUpdate": """quantity:number? unitPrice:integer? discountAmount:integer? discountPercentage:number?
      notes:string?""",
    "QuoteCreate": """id:string? patientId:string! cartId:string! creatorId:string! title:string? description:string?
      validUntilDate:date-time? terms:string? internalNotes:string? requiresPatientVerification:boolean=true""",
    "QuoteUpdate": """status:QuoteStatus? title:string? description:string? validUntilDate:date-time? terms:string?
      internalNotes:string? requiresPatientVerification:boolean? discountAmount:integer? discountPercentage:number?""",
    "QuoteItemCreate": """itemId:string? packageId:string? quantity:number=1 unitPrice:integer? discountAmount:integer=0
      discountPercentage:number=0 description:string?""",
    "QuoteItemUpdate": """quantity:number? unitPrice:integer? discountAmount:integer? discountPercentage:number?
      description:string?""",
    "SendQuote": "quoteId:string! method:string! message:string? scheduleSendDate:date-time?",
    "RespondToQuote": "quoteId:string! response:string! message:string? preferredPaymentMethodId:string?",
    "ConvertCart": "cartId:string! description:string? externalId:string? locationId:string? eventId:string?",
    "ConvertQuote": "quoteId:string! description:string? externalId:string? locationId:string? eventId:string?",
    "PatientCreate": """firstName:string? lastName:string? externalId:string? email:string? phoneNumber:string?
      address:string? addressLineTwo:string? city:string? state:string? zipCode:string? country:string?
      addressValid:boolean? meta:object? primaryLocationId:string? id:string? firebaseUid:string? dateOfBirth:date?
      type:string?=PATIENT gender:string? pronouns:string? preferredName:string? patientSource:PatientSource?
      leadSource:string? onSchedulingBlacklist:boolean? surchargeDisabled:boolean? creditBalance:integer?
      preferredProviderId:string?""",
    "PatientUpdate": """firstName:string? lastName:string? externalId:string? email:string? phoneNumber:string?
      address:string? addressLineTwo:string? city:string? state:string? zipCode:string? country:string?
      addressValid:boolean? meta:object? primaryLocationId:string? dateOfBirth:date? allergies:string[]?
      familyHistory:string[]? medicalHistory:string[]? prescriptions:string[]? gender:string? pronouns:string?
      preferredName:string? goalWeight:number? leadSource:string? surchargeDisabled:boolean? creditBalance:integer?
      preferredProviderId:string?""",
    "TagCreate": "name:string! emoji:string? color:string? isActive:boolean=true",
    "TagUpdate": "name:string? emoji:string? color:string? isActive:boolean?",
    "TagAssignment": "patientId:string! tagIds:string[]!",
    "ItemCreate": """id:string? name:string! brandName:string? description:string? price:integer! category:string?
      unit:Unit? isPhysical:boolean=true isArchived:boolean=false internalNotes:string? sortOrder:integer?
      allowCustomPricing:boolean=false type:ItemType=PRODUCT externalId:string? exemptedTaxIds:string[]? cost:integer?
      stocks:object[]?""",
    "PackageCreate": """id:string? name:string! description:string? isArchived:boolean=false price:integer!
      externalId:string? internalNotes:string? items:object[]? category:string?""",
    "TaxCreate": """name:string! percentage:number! locationIds:string[]? scope:TaxScope=ALL
      categoryNames:string[]?""",
    "TaxUpdate": """name:string? percentage:number? locationIds:string[]? scope:TaxScope? categoryNames:string[]?""",
}

# What each operation takes and answers.
OPERATIONS = {
    "POST /webhook/decoda/create": ("WebhookCreate", "WebhookSummary"),
    "GET /webhook/decoda/list": (None, "WebhookSummary[]"),
    "GET /webhook/decoda/get/{webhook_id}": (None, "WebhookSummary"),
    "PUT /webhook/decoda/update/{webhook_id}": ("WebhookUpdate", "WebhookSummary"),
    "DELETE /webhook/decoda/delete/{webhook_id}": (None, "boolean"),
    "GET /webhook/decoda/{webhook_id}/delivery-attempts/list": (None, "WebhookDeliveryAttemptSummary[]"),
    "GET /webhook/decoda/events/{webhook_delivery_attempt_id}": (None, "WebhookDeliveryAttemptSummary"),
    "GET /webhook/decoda/events/{webhook_delivery_attempt_id}/send": (None, "WebhookDeliveryAttemptSummary"),
    "GET /tenant/webhook-config": (None, "WebhookConfig"),
    "PUT /tenant/webhook-config": ("WebhookConfigUpdate", "WebhookConfig"),
    "POST /billing/cart": ("CartCreate", "CartSummary"),
    "GET /billing/cart": (None, "PageOfCartSummary"),
    "GET /billing/cart/list": (None, "CartSummary[]"),
    "GET /billing/cart/{cart_id}": (None, "CartSummary"),
    "PUT /billing/cart/{cart_id}": ("CartCreate", "CartSummary"),
    "DELETE /billing/cart/{cart_id}": (None, "boolean"),
    "POST /billing/cart/{cart_id}/items": ("CartItemCreate", "CartSummary"),
    "PUT /billing/cart/{cart_id}/items/{item_id}": ("CartItemUpdate", "CartSummary"),
    "DELETE /billing/cart/{cart_id}/items/{item_id}": (None, "CartSummary"),
    "POST /billing/cart/{cart_id}/convert-to-charge": ("ConvertCart", "ChargeDetail"),
    "POST /billing/cart/expire-old": (None, "integer"),
    "POST /billing/quote": ("QuoteCreate", "QuoteDetail"),
    "GET /billing/quote/list": (None, "PageOfQuoteSummary"),
    "GET /billing/quote/{quote_id}": (None, "QuoteDetail"),
    "PUT /billing/quote/{quote_id}": ("QuoteUpdate", "QuoteDetail"),
    "GET /billing/quote/public/{quote_id}": (None, "PublicQuoteView"),
    "GET /billing/quote/{quote_id}/view": (None, "PublicQuoteView"),
    "POST /billing/quote/{quote_id}/items/add": ("QuoteItemCreate", "QuoteDetail"),
    "PUT /billing/quote/{quote_id}/items/{item_id}": ("QuoteItemUpdate", "QuoteDetail"),
    "DELETE /billing/quote/{quote_id}/items/{item_id}": (None, "QuoteDetail"),
    "POST /billing/quote/send": ("SendQuote", "QuoteDetail"),
    "POST /billing/quote/respond": ("RespondToQuote", "QuoteDetail"),
    "POST /billing/quote/convert-to-charge": ("ConvertQuote", "ChargeDetail"),
    "POST /billing/quote/expire-old": (None, "integer"),
    "GET /billing/charge/table": (None, "PageOfChargeTable"),
    "GET /billing/charge/timeline": (None, "ChargeTimeline[]"),
    "GET /billing/charge/list": (None, "ChargeDetailWithItems[]"),
    "GET /billing/charge/get/{id}": (None, "ChargeDetailWithItems"),
    "POST /user/patient/create": ("PatientCreate", "PatientSummary"),
    "GET /user/patient/table": (None, "PageOfPatientTable"),
    "GET /user/patient/search": (None, "PatientWithMemberships[]"),
    "GET /user/patient/list": (None, "PatientSummary[]"),
    "GET /user/patient/ids": (None, "string[]"),
    "GET /user/patient/{patient_id}": (None, "PatientChart+"),
    "PUT /user/patient/{patient_id}": ("PatientUpdate", "PatientSummary"),
    "POST /user/patient/archive": (None, "boolean"),
    "GET /user/patient/external-id-exists/{external_id}": (None, "boolean"),
    "GET /user/patient/{patient_id}/tags": (None, "Tag[]"),
    "POST /user/patient/{patient_id}/tags": ("TagAssignment", "object"),
    "GET /user/patient/tags/list": (None, "PageOfTag"),
    "POST /user/patient/tags": ("TagCreate", "Tag"),
    "GET /user/patient/tags/{tag_id}": (None, "TagDetail"),
    "PUT /user/patient/tags/{tag_id}": ("TagUpdate", "Tag"),
    "DELETE /user/patient/tags/{tag_id}": (None, "object"),
    "GET /inventory/items/list": (None, "PageOfItemDetail"),
    "POST /inventory/items/create": ("ItemCreate", "ItemDetail"),
    "PUT /inventory/items/update/{id}": (None, "Item"),
    "DELETE /inventory/items/delete/{id}": (None, "boolean"),
    "GET /inventory/items/brand-names": (None, "string[]"),
    "POST /inventory/items/bulk-update-taxes": (None, "Item[]"),
    "GET /inventory/packages/list": (None, "PageOfPackageDetail"),
    "GET /inventory/packages/{package_id}": (None, "PackageDetail"),
    "POST /inventory/packages/create": ("PackageCreate", "PackageDetail"),
    "PUT /inventory/packages/update/{package_id}": (None, "PackageDetail"),
    "DELETE /inventory/packages/delete/{package_id}": (None, "boolean"),
    "GET /tenant/public": (None, "PublicTenant"),
    "GET /tenant/logo": (None, "string"),
    "POST /tenant/upload-logo": (None, "string"),
    "POST /tenant/upload-receipt-logo": (None, "string"),
    "GET /admin/taxes": (None, "TaxSummary[]"),
    "POST /admin/taxes": ("TaxCreate", "TaxSummary+"),
    "PUT /admin/taxes/{tax_id}": ("TaxUpdate", "TaxSummary+"),
    "DELETE /admin/taxes/{tax_id}": (None, "boolean"),
    "GET /admin/locations/list": (None, "PageOfLocationDetail"),
    "GET /admin/locations/public": (None, "PublicLocation[]"),
    "GET /admin/locations/{location_id}": (None, "LocationDetail"),
    "DELETE /admin/locations/delete/{id}": (None, "boolean"),
    "POST /admin/locations/update-or-create": (None, "LocationDetail"),
    "GET /admin/providers/list": (None, "Provider+[]"),
    "GET /admin/providers/{provider_id}": (None, "Provider+"),
}  # fmt: skip

_PAGE = "page per_page sort_by sort_direction location_id"
_OF_PATIENTS = f"""{_PAGE} id external_id name email phone_number date_of_birth created_date tag_ids location_ids lead_source tz
  opted_out_of_sms on_scheduling_blacklist"""
# What each operation reads of the query; none of it must be sent.
QUERIES = {
    "GET /webhook/decoda/list": "include_archived=false",
    "GET /webhook/decoda/{webhook_id}/delivery-attempts/list": """event_type is_delivered created_before created_after
      last_delivery_attempt_status last_delivery_attempt_error delivery_date_before delivery_date_after
      sort_by sort_direction limit offset""",
    "GET /webhook/decoda/events/{webhook_delivery_attempt_id}/send": "notify_failure=true",
    "GET /user/patient/table": _OF_PATIENTS,
    "GET /user/patient/ids": _OF_PATIENTS,
    "GET /user/patient/search": "search_term n=10",
    "GET /user/patient/list": "patient_ids",
    "GET /user/patient/tags/list": f"{_PAGE} name is_active",
    "GET /admin/locations/list": f"{_PAGE} name city state is_virtual",
    "GET /inventory/items/list": f"{_PAGE} ids name category price_range is_archived is_physical item_type",
    "GET /inventory/packages/list": f"""{_PAGE} ids name price contains_items number_of_active_patients
      category""",
    "GET /admin/providers/list": "include_decoda=true location_id",
    "GET /billing/cart": "patient_id creator_id statuses page=1 size=20 sort_by sort_direction search",
    "GET /billing/cart/list": "patient_id status",
    "POST /billing/cart/expire-old": "days_old=30",
    "GET /billing/charge/table": """page per_page sort_by=created_date sort_direction=desc location_id id patient_id name total
      total_outstanding description status charge_external_id patient_external_id created_date payment_date tz
      location_ids""",
    "GET /billing/charge/list": "patient_id status",
    "GET /billing/charge/timeline": "charge_id payment_id",
    "GET /billing/quote/list": "patient_id creator_id cart_id status page=1 size=20",
    "GET /billing/quote/public/{quote_id}": "update_viewed_date=true",
}
