"""Forms: intake and follow-up questions, in versions, and what patients answered.

A form has a name; a version is an exact list of questions, known by its digest. An answer belongs to the question of the
version that the patient saw, so a form may change without affecting earlier answers. Sending an earlier list of questions finds
its version again.

A case's form belongs to the product it was sent for and is found by its title; a bundle's form belongs to no product. A storefront
may send a form by its title alone (`dynamic-case`): then its version belongs to the form of that title and no product, which may be
a bundle's, and bundles never show such a version.
"""
