"""GraphQL: one URL, what a storefront shows to everybody, and cases for whoever may read them.

Types and resolvers, nothing else: fields call the same reads as the routes of REST, with the same permissions. `routes` takes a
request and `engine` answers it: `documents` reads the query once, `limits` bounds what it may cost, `answers` keeps what is public.
Everything but `routes`, `formats` and `credentials` is loaded when the first query comes: that takes 0.3 seconds and 15 MB.
"""
