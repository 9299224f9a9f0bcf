"""The page of a case: the chart on the left, what is done about it on the right.

`reads` loads what the page shows; a part of the page that another folder owns adds what it needs through `reads.SLOTS`, and its
template is included by name (`cases/decision.html`, `cases/dock.html`).
"""
