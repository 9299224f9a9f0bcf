"""The desk: where staff see how orders stand and why, and move what stands still: send on, cancel, replace.

Shows ids, states, times and failures in our own words; nothing here tells of a patient's health.
"""
