"""What a patient owes, charge by charge, and whether it can be paid on a page."""
