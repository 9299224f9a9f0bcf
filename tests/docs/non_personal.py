"""Columns that say nothing of a person: ids, states and moments, the catalogue, plumbing. One line a table.

A column that is new stands neither here nor in the PHI map of SECURITY.md, and a test fails until somebody decides.
"""

NON_PERSONAL = {
    "alembic_version": "version_num",
    "applied_records": "organization_id kind record_id applied_at",
    "attachments": "organization_id id case_id comment_id answer_id storage_key is_restricted is_phi "
    "uploaded_by_staff_id uploaded_by_patient_id created_at deleted_at",
    "branding": "organization_id id link_name form_id default_bundle_id created_at updated_at",
    "bundle_products": "organization_id bundle_id product_id id quantity price_cents",
    "bundles": "organization_id id name description image_url price_cents initial_discount_cents currency is_sold_out "
    "is_visible intake_form_id followup_form_id created_at given_id external_id category internal_notes archived_at "
    "updated_at link_name tag sold_out_list_text sold_out_list_color sold_out_modal_text sold_out_modal_color",
    "cart_lines": "organization_id id cart_id position created_at updated_at",
    "bill_pages": "organization_id patient_id",
    "invoices": "organization_id id patient_id location_id is_test created_at",
    "invoice_charges": "organization_id invoice_id charge_id",
    "carts": "organization_id id patient_id creator_id location_id locked_at charge_id archived_at created_at updated_at",
    "charge_tips": "organization_id id charge_id staff_id created_at updated_at removed_at",
    "tip_changes": "organization_id id tip_id staff_id created_at",
    "charge_lines": "organization_id id charge_id position sold_by_id",
    "charges": "organization_id id patient_id cart_id case_id quote_id creator_id location_id is_test archived_at created_at updated_at",
    "payment_charges": "organization_id id payment_id charge_id created_at",
    "payment_changes": "organization_id id payment_id created_at",
    "refund_charges": "organization_id id refund_id charge_id created_at",
    "refund_lines": "organization_id refund_id line_id created_at",
    "patient_credits": "organization_id id patient_id account_patient_id is_test created_by_staff_id payment_id refund_id "
    "created_at updated_at",
    "credit_changes": "organization_id id credit_id created_at",
    "credit_spends": "organization_id id credit_id payment_id created_at",
    "charge_adjustments": "organization_id id charge_id location_id created_by_staff_id created_at",
    "calendar_events": "organization_id id case_id revision deleted_at created_at updated_at",
    "calendar_slots": "organization_id staff_id event_id",
    "case_assignees": "organization_id case_id staff_id created_at",
    "case_product_requests": "organization_id id case_product_id form_response_id order_id created_at updated_at",
    "case_products": "organization_id id case_id position created_at closed_at",
    "cases": "organization_id id short_id patient_id is_test is_archived is_escalated is_imported bundle_id "
    "assigned_to_id assigned_by_id hr_rep_id in_progress_by_id closed_by_id assigned_at in_progress_at closed_at "
    "created_at updated_at due_at answered_at lease_staff_id lease_ends_at",
    "comments": "organization_id id case_id is_restricted author_staff_id author_patient_id created_at deleted_at",
    "credentials": "organization_id id kind name scopes created_at last_used_at revoked_at",
    "decision_medications": "organization_id id decision_id position",
    "decisions": "organization_id id case_id added_by_id is_paid created_at",
    "events": "organization_id id number type case_id is_phi is_restricted is_test is_quiet request_id created_at dispatched_at "
    "case_sequence position",
    "form_answers": "organization_id id form_response_id question_id is_archived created_at",
    "form_questions": "organization_id id form_version_id index text type required is_phi options hint placeholder "
    "render_mode condition organization_document flags carry",
    "form_responses": "organization_id id case_id form_version_id patient_id is_draft created_at",
    "form_versions": "organization_id id form_id number questions_digest is_dynamic created_at",
    "forms": "organization_id id product_id name description is_active created_at show_steps_individually",
    "ledger_accounts": "organization_id id code kind owner_id currency is_test created_at",
    "ledger_postings": "organization_id id act source_id debit_id credit_id is_test charge_id reverses_id",
    "ledger_snapshots": "organization_id account_id until",
    "locations": "organization_id id given_id external_id name is_virtual address_line1 address_line2 city state "
    "postal_code country timezone description phone_number photo_url review_link latitude longitude archived_at "
    "created_at updated_at dosespot_clinic_id spakinect_location_id",
    "logos": "organization_id used_on digest media_type width height content updated_at",
    "location_photos": "organization_id location_id media_type content updated_at",
    "master_key": "is_only fingerprint recorded_at",
    "messages": "organization_id id attempts due_at claim_id expires_at settled_at created_at",
    "notifications": "organization_id id event_id status attempts claimed_at sent_at created_at",
    "gateway_accounts": "organization_id id provider is_test is_active events_cursor events_read_at balance_read_at created_at "
    "updated_at",
    "gateway_customers": "organization_id gateway_account_id updated_at",
    "gateway_events": "organization_id id gateway_account_id event_id type object_kind happened_at received_at came_by status tries "
    "due_at claim_id settled_at",
    "balance_findings": "organization_id id gateway_account_id kind found_at resolved_at",
    "drugs": "organization_id id code name ndc schedule product_id is_active created_at",
    "idempotency_keys": "organization_id id status created_at",
    "order_attempts": "organization_id id order_id duration_milliseconds created_at",
    "order_items": "organization_id id order_id position",
    "order_shipping_logs": "organization_id id order_id callback_id",
    "orders": "organization_id id case_id is_test created_at pharmacy_id idempotency_key replaces_order_id document_id "
    "pharmacy_document_id pharmacy_has_document next_step_at claim_id sending_began_at attempts cancel_requested_at "
    "sent_at accepted_at shipped_at delivered_at ended_at resolved_at updated_at",
    "organization_data_keys": "organization_id version created_at",
    "organizations": "id tenant name language case_prefix case_type validation_profile assignment_policy created_at updated_at "
    "currency requests_per_minute storefront_origins payment_policy order_requires_payment payment_fees "
    "answer_within_hours",
    "case_pauses": "organization_id case_id asked_at ended_at",
    "daily_figures": "organization_id day kind numbers made_at",
    "figure_marks": "organization_id seen_at",
    "report_figures": "organization_id span day numbers made_at",
    "report_marks": "organization_id seen_at timezone currency",
    "saved_views": "organization_id id staff_id name query created_at",
    "patient_tag_assignments": "organization_id",
    "payment_methods": "organization_id id gateway_account_id looked_at created_at archived_at",
    "payment_plans": "organization_id id currency is_test gateway_account_id location_id timezone next_at claim_id created_at updated_at",
    "payment_plan_charges": "organization_id position",
    "planned_payments": "organization_id id plan_id number",
    "payin_configs": "organization_id id saves_method location_id creator_id gateway_account_id created_at",
    "payment_mediums": "organization_id id name name_key created_at updated_at archived_at",
    "quick_notes": "organization_id id creator_id created_at updated_at archived_at",
    "patient_tags": "organization_id id is_active created_at updated_at",
    "patients": "organization_id id created_at updated_at",
    "patient_merges": "organization_id id was_archived merged_at undone_at",
    "patient_merge_moves": "organization_id merge_id",
    "payment_sub_fees": "organization_id id payment_id position",
    "payment_confirmations": "organization_id id payment_id idempotency_key created_at",
    "refunds": "organization_id id payment_id intent_id granted_by_staff_id sent_by_staff_id location_id",
    "payments": "organization_id id case_id location_id is_test is_scheduled is_auto_created schedule_position resolved_by_staff_id "
    "created_by_staff_id created_by_patient_id created_at updated_at charge_id patient_id method policy gateway_account_id "
    "tries next_step_at restarted_at claim_id valid_until decision_id link_version",
    "request_counts": "organization_id kind began_at taken",
    "staff_availability": "organization_id staff_id created_at updated_at",
    "promo_code_bundles": "organization_id promo_code_id bundle_id",
    "promo_code_uses": "organization_id created_at",
    "promo_codes": "organization_id id code code_key label description discount_percentage discount_amount_cents currency "
    "starts_at ends_at max_uses used_count is_active is_visible created_at updated_at",
    "pharmacies": "organization_id id code name adapter url is_active created_at",
    "pharmacy_callbacks": "organization_id id pharmacy_id order_id created_at applied_at",
    "phi_reads": "organization_id id record_kind created_at request_id",
    "product_tax_exemptions": "organization_id product_id tax_id",
    "products": "organization_id id stocks name description image_url price_cents currency is_active created_at given_id "
    "external_id brand_name category unit is_physical internal_notes sort_order allows_custom_pricing type cost_cents "
    "updated_at",
    "quote_lines": "organization_id id quote_id position created_at updated_at",
    "quote_messages": "organization_id id quote_id attempts next_attempt_at claim_id sent_at created_at",
    "quotes": "organization_id id patient_id cart_id creator_id location_id revision charge_id created_at updated_at",
    "request_windows": "organization_id began_at taken",
    "staff": "organization_id id given_id role takes_cases last_assigned_at deactivated_at created_at totp_last_step is_demo",
    "pending_decisions": "organization_id id case_id staff_id status created_at due_at next_at claim_id tries ended_at failure_code "
    "failure",
    "mail_templates": "organization_id kind language subject text html version updated_at",
    "templates": "organization_id id kind staff_id name product_id content created_at updated_at archived_at",
    "drafts": "organization_id id staff_id record_kind record_id form saved_at",
    "staff_links": "organization_id id staff_id kind created_at expires_at used_at revoked_at",
    "recovery_codes": "organization_id staff_id created_at used_at",
    "staff_devices": "organization_id id staff_id failed_sign_ins unlocks_at created_at last_used_at",
    "staff_licenses": "organization_id staff_id",
    "payment_intents": "organization_id id payment_id gateway_account_id created_at updated_at",
    "payment_attempts": "organization_id id payment_id refund_id intent_id gateway_account_id sends created_at",
    "disputes": "organization_id id payment_id gateway_account_id",
    "portal_codes": "organization_id id patient_id guesses created_at expires_at used_at",
    "refresh_tokens": "organization_id session_id created_at replaced_at",
    "search_tokens": "organization_id kind record_id",
    "sessions": "organization_id id staff_id patient_id created_at expires_at idle_seconds idle_ends_at revoked_at",
    "tax_locations": "organization_id tax_id location_id",
    "taxes": "organization_id id name percentage scope category_names archived_at created_at updated_at",
    "webhook_attempts": "organization_id id delivery_id number http_status failure duration_milliseconds created_at",
    "timed_jobs": "name due_at claim_id began_at ended_at failures failure reached_at even_since_at",
    "webhook_deliveries": "organization_id id endpoint_id event_id case_id case_sequence status replay_of_id attempts "
    "next_attempt_at claim_id delivered_at created_at notifies",
    "webhook_endpoints": "organization_id id name events document_format payload previous_secret_ends_at disabled_at "
    "disabled_reason first_failed_at created_at updated_at dialect subscriptions told_at archived_at secret_header",
}
