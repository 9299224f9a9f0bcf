"""Looking patients up in the billing dialect: the table, searching, by ids. Who is archived is left out unless asked for by id."""
