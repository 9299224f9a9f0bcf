"""Tips, and reports on what was sold."""

ANSWERS = {
    "TipDetail": "id:string chargeId:string amount:integer providerId:string provider:ProviderTiny",
    "SalesTaxReportRow": """date:string locationName:string retailTaxable:number serviceTaxable:number giftTaxable:number
      mbrTaxable:number totalTaxable:number retailTax:number serviceTax:number giftTax:number mbrTax:number totalTax:number
      exempt:number grossSales:number""",
    # The vendor does not show its members.
    "TipDetailedExportData": """id:string date:string chargeId:string chargeStatus:string locationId:string? locationName:string?
      providerId:string providerName:string amount:integer currency:string""",
}
BODIES = {
    "TipCreate": "chargeId:string! amount:integer! providerId:string!",
    "TipUpdate": "providerId:string! amount:integer?",
}
OPERATIONS = {
    "POST /billing/tips/create": ("TipCreate", "TipDetail"),
    "GET /billing/tips/{tip_id}": (None, "TipDetail"),
    "PUT /billing/tips/{tip_id}": ("TipUpdate", "TipDetail"),
    "DELETE /billing/tips/{tip_id}": (None, "boolean"),
    "GET /billing/tips/export/detailed": (None, "TipDetailedExportData[]"),
    "GET /billing/sales-tax-report/export": (None, "SalesTaxReportRow[]"),
}
QUERIES = {
    "GET /billing/tips/export/detailed": "start_date! end_date! timezone! location_ids",
    "GET /billing/sales-tax-report/export": "start_date! end_date! timezone! location_ids",
}
