"""When appointments can be booked with a member, as administrators say it. Appointments that are booked stay, whatever changes here."""
