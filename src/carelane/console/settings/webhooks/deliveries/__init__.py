"""What was sent to an endpoint, what it answered, and sending it again."""
