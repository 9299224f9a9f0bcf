"""What a case brings to pay with, held against the gateway before the case is written.

The transaction that is to write the case finds that the organization's policy wants the gateway's word, and is undone; the
gateway is asked, outside any transaction; then the act runs once more with the answer (`check.py`). So a repeated request, a
conflict, a broken rule never reach the gateway, and an organization without a gateway pays nothing for it.

    judge.py    what is wrong with what the gateway shows; no I/O
    check.py    asks the gateway, makes a card that is nobody's chargeable
    rows.py     the payment's rows: method, policy, stage, fees
    verify.py   the worker's part: what could not be asked while the gateway was away
"""
