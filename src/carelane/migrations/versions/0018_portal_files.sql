-- What patients keep in the portal. Suits the version now running: it writes only files of cases, and leaves the new columns alone.

-- A file that a patient uploaded for no case belongs to the patient alone.
ALTER TABLE attachments
  ALTER case_id DROP NOT NULL,
  ADD CONSTRAINT attachments_owner_check CHECK (case_id IS NOT NULL OR uploaded_by_patient_id IS NOT NULL);

-- What a patient does not want to be told of, as the storefront said.
ALTER TABLE patients
  ADD sms_notifications_disabled boolean NOT NULL DEFAULT false,
  ADD email_notifications_disabled boolean NOT NULL DEFAULT false;
