"""Looking patients up in the billing dialect: the table, search, ids. Archived patients are left out unless asked for by id."""
