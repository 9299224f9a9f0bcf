"""Tips, and reports on what was sold."""

ANSWERS = {
    "TipDetail": "id:string chargeId:string amount:integer providerId:string provider:ProviderTiny",
    "SalesTaxReportRow": """date:string locationName:string retailTaxable:number serviceTaxable:number giftTaxable:number
      mbrTaxable:number totalTaxable:number retailTax:number serviceTax:number giftTax:number mbrTax:number totalTax:number
      exempt:number grossSales:number""",
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
    "GET /billing/sales-tax-report/export": (None, "SalesTaxReportRow[]"),
}
QUERIES = {
    "GET /billing/sales-tax-report/export": "start_date! end_date! timezone! location_ids",
}
