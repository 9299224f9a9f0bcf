"""The pages of mail: what the clinic writes to its patients, in its own words or in ours."""
