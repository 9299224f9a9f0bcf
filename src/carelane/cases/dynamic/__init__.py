"""Cases as most storefronts send them: a person, a bundle and one form, whose questions come with the answers.

`dynamic-case` creates such a case, `customer-dynamic-case-form` adds a form to one that is there. A form is named by its title,
and made of the questions as they were sent; or by its id, and then the questions are those it has. The case that comes of it is
the same as any other: the bundle's products are the case's.
"""
