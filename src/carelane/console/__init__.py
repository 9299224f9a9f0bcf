"""The console: pages under `/console` where a clinic's people work all day.

A page calls the same reads and actions as the staff API and has no SQL. What all pages share is in the files here: `access` (who
it is, and that a form is ours), `frame` (what is round a page, and the parts that refresh), `forms` (what was typed, and what is
wrong with it), `texts` and `times` (every word, from one catalogue), `icons`, `assets`, `failures` (pages for errors). A folder for
each noun has its routes and views; its templates are in `templates/<noun>/`. Everything works with scripts off.
"""
