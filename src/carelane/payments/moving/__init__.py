"""Moving money: one worker, one payment at a time, one step of it.

A try is a row that is committed before the gateway is called, under a key that is the row's id. Whoever finds one without an
answer looks it up before it is sent again.
"""
