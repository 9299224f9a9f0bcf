"""The records that alerts tell of: patients, charges, items, appointments and answered forms, as the billing dialect shows them."""
