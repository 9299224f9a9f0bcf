"""`payments` of an organization file: when money is taken, with which gateway accounts, and what of it is which fee."""
