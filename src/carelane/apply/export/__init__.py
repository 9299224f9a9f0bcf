"""The way back: what an organization is just now, as a file that `carelane apply` takes without a difference."""
