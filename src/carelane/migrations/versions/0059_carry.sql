-- Storefronts fill in the newest answer to such a question. Suits the version now running: it says nothing of it.
ALTER TABLE form_questions ADD COLUMN carry boolean NOT NULL DEFAULT false;
