-- Lists of refunds, disputes and credit of the whole clinic, newest first. Suits the version that runs meanwhile.
CREATE INDEX refunds_granted_index ON refunds (organization_id, granted_at DESC, id DESC);
CREATE INDEX refunds_status_index ON refunds (organization_id, status, granted_at DESC, id DESC);
CREATE INDEX disputes_opened_index ON disputes (organization_id, opened_at DESC, id DESC);
CREATE INDEX disputes_status_index ON disputes (organization_id, status, opened_at DESC, id DESC);
CREATE INDEX patient_credits_created_index ON patient_credits (organization_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
