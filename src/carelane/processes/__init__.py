"""What runs: the supervisor, its server and worker processes, and how they start and stop."""
