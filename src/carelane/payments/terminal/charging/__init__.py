"""The second step: a kept card is charged, once for each config, by the worker's own machinery.

The payment is committed with a claim of ours, so that no worker takes it up meanwhile, and the try before the gateway is called. Should
this process end, a worker goes on when the claim has ended. What the card refuses is over: nothing is tried again behind the desk.
"""
