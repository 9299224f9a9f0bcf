"""`/console/billing/quotes/{id}/edit`: a quote is changed while nobody has answered it."""
