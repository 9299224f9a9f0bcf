"""Calendar: appointments between a patient and a clinician, each part of a case.

    booked ──→ moved (any number of times) ──→ canceled
       └─────→ missed ──→ not missed after all

`availability/` knows when clinicians are free. An appointment holds its clinician's time in rows of five minutes whose primary
key makes double booking impossible. `invitations/` are the mails with an `.ics`, `page/` is where a patient moves or cancels
an appointment, `desk/` is what staff do. Moments are kept in UTC; a zone only says how they are read.
"""
