"""A receipt in words and amounts, for the PDF and for the patient's page."""
