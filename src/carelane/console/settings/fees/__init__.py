"""`/console/settings/gateway/fees`: what of a case's payment is which fee."""
