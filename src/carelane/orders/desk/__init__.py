"""The desk: where staff see the state of orders and why, and move what is stuck: send again, cancel, replace.

Shows ids, states, times and failures in our own words; no health information.
"""
