"""Stories: how the pharmacy simulator goes on with an order of a test case. No other order and no other pharmacy has any."""
