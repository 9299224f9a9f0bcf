"""The table of all payments: by what they are filtered and sorted, a page is cut off an index before anything is looked up for it."""
