"""What a member of staff is signed in with, and knows of us, taken back."""
