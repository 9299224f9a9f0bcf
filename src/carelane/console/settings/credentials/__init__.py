"""`/console/settings/keys`: keys and clients. A secret is shown once, by the page that answers the form."""
