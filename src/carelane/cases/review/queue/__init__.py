"""The staff queue: the cases that wait for somebody, by what runs out first.

A case runs out when the clinic's promise does (`answer_within_hours` of the organization file, from when it was created, or from
the patient's last answer to a question), or the hold on its money, or the license of who looks at
what fits it, whichever is first; one that is approved, with the decision. While the patient is asked, only a hold runs. The promise is kept in the case's row (`due_at`, by a trigger), so that a page is
read off an index; holds and licenses end without the case's row being written, so those that end within a day are put in
their place by the statement.
"""
