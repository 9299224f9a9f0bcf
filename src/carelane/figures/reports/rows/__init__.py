"""The rows behind each figure of a report: exactly the cases, decisions, orders and postings that it counts."""
