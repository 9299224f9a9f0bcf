"""What storefronts do to a case that is there: open, close and reopen it, write into it, add products and close one.

OPEN     ASSIGNED, ABANDONED, OPEN → OPEN       CLOSE    anything → archived       REOPEN   archived → as it stood
"""
