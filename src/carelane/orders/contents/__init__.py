"""What is in an order, opened: the prescription, where it goes, and what the pharmacy and staff wrote. Health information."""
