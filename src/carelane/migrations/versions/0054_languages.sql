-- Of the page on which a patient last answered, and of the browser in which a member of staff last signed in. NULL: not known.
ALTER TABLE patients ADD COLUMN language text;
ALTER TABLE patients ADD CONSTRAINT patients_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$') NOT VALID;
ALTER TABLE patients VALIDATE CONSTRAINT patients_language_check;
ALTER TABLE staff ADD COLUMN language text;
ALTER TABLE staff ADD CONSTRAINT staff_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$') NOT VALID;
ALTER TABLE staff VALIDATE CONSTRAINT staff_language_check;
-- What patients read of whom nothing is known.
ALTER TABLE organizations ADD COLUMN language text NOT NULL DEFAULT 'en';
ALTER TABLE organizations ADD CONSTRAINT organizations_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$') NOT VALID;
ALTER TABLE organizations VALIDATE CONSTRAINT organizations_language_check;
