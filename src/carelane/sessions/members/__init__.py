"""What administrators do about the accounts of others: unlock, sign out everywhere, take away a second factor that was lost."""
