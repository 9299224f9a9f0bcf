"""`/console/settings/webhooks`: who is told of what happens, with a test, another secret, and on and off."""
