"""The queue: cases as staff find them, oldest first, a page at a time. Without a filter, those that wait for the clinic."""
