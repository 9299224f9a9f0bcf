"""The records that alerts tell of: patients, charges, payments, instalments, invoices, refunds, adjustments, items, appointments and answered forms, as the billing dialect shows them."""
