"""What a clinician must see before the answers themselves: red flags, what changed since the person's last case, allergies."""
