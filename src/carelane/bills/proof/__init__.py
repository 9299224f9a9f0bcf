"""What a link to a bill or a receipt is, and how whoever holds one shows that they are the patient: as on a quote's page."""
