"""Pages for patients: an appointment behind its link, where it is moved and canceled; and a clinician's page, where one is booked."""
