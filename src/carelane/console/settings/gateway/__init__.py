"""`/console/settings/gateway`: the accounts with the payment gateway, and changing their keys."""
