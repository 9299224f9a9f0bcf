"""What patients are sent of money: receipts of what they paid, links to what they owe, and invoices that bring those links.

`receipts/` and `printing/` show a payment, `sending/` mails it, `receipt_page/` is where the patient reads it. `owed/` is what a
patient owes, `page/` where it is paid, `links/` the billing dialect's doors to that page, `invoices/` asks for it. `proof/` is what
both pages ask of whoever holds a link.
"""
