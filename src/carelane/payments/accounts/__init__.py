"""An organization's accounts with gateways, one for test money and one for live money, with their sealed keys; and its terms: when a
card is charged, whether orders wait for the money, which fees a case's payment has.

All of it comes from the organization file. An account is never deleted: payments that were begun with it end with it, whatever the
policy says by then.
"""
