"""`/console/people/{member}/hours`: when appointments can be booked with a member."""
