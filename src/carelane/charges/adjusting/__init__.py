"""What a caller of the billing dialect changes of what is owed: adjustments up and down, and write-offs."""
