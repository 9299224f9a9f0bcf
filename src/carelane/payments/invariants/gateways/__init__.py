"""What the gateway has taken beside what is recorded of it: each of its intents, and each of ours."""
