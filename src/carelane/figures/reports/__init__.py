"""Reports: cases, waits, approvals, orders, revenue and refunds by month, product, person and state.

The worker counts the days that changed, in the clinic's own time zone, and adds them up to months; a report reads months only. The
time zone is that of the clinic's first location, else UTC; when it changes, all is counted anew.
"""
