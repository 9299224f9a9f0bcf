"""`/console/people/{member}`: role, name, licenses, and whether somebody works here; and what each role may do."""
