"""The books as a plain-text journal, which programs that are not ours read and check: hledger, ledger, beancount's importers.

Patients stand in it by id; nothing in it tells of health. The same books give the same text.
"""
