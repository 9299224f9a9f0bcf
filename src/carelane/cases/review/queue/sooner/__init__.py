"""What runs out before its promise does: holds on money, and licenses of whoever looks."""
