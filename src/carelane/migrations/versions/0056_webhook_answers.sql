-- What a receiver answered to an attempt, how it begins. Suits the version now running: it writes none.
ALTER TABLE webhook_attempts ADD COLUMN answer_sealed bytea;
