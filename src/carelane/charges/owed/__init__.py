"""What is owed for a charge: its lock, its state, what a case's charge is made of, and what staff do about it: void and write off."""
