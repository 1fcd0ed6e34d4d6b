CREATE TABLE "account" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" text NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp with time zone,
	"refresh_token_expires_at" timestamp with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"token" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"user_id" text NOT NULL,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "verification" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"processor" text NOT NULL,
	"variant" text NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"credentials" text NOT NULL,
	"data_key_id" text NOT NULL,
	"public_fields" jsonb NOT NULL,
	"account_reference" text,
	"status" text NOT NULL,
	"last_check" jsonb,
	"verified_at" timestamp (3) with time zone,
	"last_notification_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "connections_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "connections_status" CHECK (status in ('unverified', 'waiting_for_approval', 'verified', 'failing'))
);
--> statement-breakpoint
CREATE TABLE "onboarding_steps" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"processor" text NOT NULL,
	"step" text NOT NULL,
	"started_at" timestamp (3) with time zone,
	"done_at" timestamp (3) with time zone,
	"done_by" text,
	CONSTRAINT "onboarding_steps_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"position" integer NOT NULL,
	"description" text NOT NULL,
	"quantity_milli" bigint NOT NULL,
	"unit" text,
	"unit_price_minor" bigint NOT NULL,
	"vat_basis_points" integer DEFAULT 0 NOT NULL,
	"amount_minor" bigint NOT NULL,
	CONSTRAINT "invoice_lines_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"kind" text NOT NULL,
	"series_id" text,
	"number" bigint,
	"label" text,
	"state" text NOT NULL,
	"is_test" boolean NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"paid_minor" bigint DEFAULT 0 NOT NULL,
	"accepts_card" boolean NOT NULL,
	"payer_name" text NOT NULL,
	"payer_email" text,
	"payer_phone" text,
	"payer_address" text,
	"payer_tax_id" text,
	"locale" text NOT NULL,
	"note" text,
	"issued_on" date,
	"due_on" date,
	"expires_at" timestamp (3) with time zone,
	"link_token" text NOT NULL,
	"proforma_id" text,
	"paid_at" timestamp (3) with time zone,
	"cancelled_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "invoices_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "invoices_state" CHECK (state in ('draft', 'open', 'authorized', 'paid', 'cancelled')),
	CONSTRAINT "invoices_amount" CHECK (amount_minor >= 0)
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_entries_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "data_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"key_encryption_key" text NOT NULL,
	"wrapped" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"retired_at" timestamp (3) with time zone,
	CONSTRAINT "data_keys_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "members" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "members_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "members_role" CHECK (role in ('owner', 'admin', 'operator', 'accountant', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"legal_name" text NOT NULL,
	"tax_id" text NOT NULL,
	"email" text NOT NULL,
	"phone" text,
	"address" text NOT NULL,
	"time_zone" text NOT NULL,
	"locale" text NOT NULL,
	"paid_twice_policy" text DEFAULT 'refund' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "points_of_sale" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"name" text NOT NULL,
	"site" text NOT NULL,
	"activity" text,
	"is_test" boolean NOT NULL,
	"is_open" boolean DEFAULT true NOT NULL,
	"card_on_all_invoices" boolean DEFAULT false NOT NULL,
	"fiscal_from_proforma" boolean DEFAULT false NOT NULL,
	"record_collection" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "points_of_sale_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "series" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"kind" text NOT NULL,
	"prefix" text NOT NULL,
	"is_test" boolean NOT NULL,
	"next_number" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "series_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "series_kind" CHECK (kind in ('proforma', 'fiscal'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"answer" text,
	"data_key_id" text,
	"is_done" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"purge_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ipns" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text,
	"connection_id" text,
	"processor" text,
	"attempt_id" text,
	"path" text NOT NULL,
	"verdict" text NOT NULL,
	"reason" text,
	"dedupe_key" text NOT NULL,
	"state" text NOT NULL,
	"reading" jsonb,
	"sealed" text,
	"data_key_id" text,
	"size_bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"head" text,
	"answer_status" integer NOT NULL,
	"answer_body" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp (3) with time zone,
	"received_at" timestamp (3) with time zone NOT NULL,
	"processed_at" timestamp (3) with time zone,
	"purge_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ipns_verdict" CHECK (verdict in ('verified', 'hint', 'rejected')),
	CONSTRAINT "ipns_state" CHECK (state in ('stored', 'processed', 'parked', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"topic" text NOT NULL,
	"effect_key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"last_answer" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	CONSTRAINT "outbox_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"processor" text NOT NULL,
	"method" text NOT NULL,
	"state" text NOT NULL,
	"is_test" boolean NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"authorized_minor" bigint DEFAULT 0 NOT NULL,
	"captured_minor" bigint DEFAULT 0 NOT NULL,
	"capture_mode" text NOT NULL,
	"processor_reference" text,
	"secret_hash" text NOT NULL,
	"payer_action" text,
	"data_key_id" text,
	"decline_reason" text,
	"processor_code" text,
	"processor_text" text,
	"instrument" text,
	"state_occurred_at" timestamp (3) with time zone,
	"settled_minor" bigint,
	"settled_currency" text,
	"started_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"next_look_at" timestamp (3) with time zone,
	"looks" integer DEFAULT 0 NOT NULL,
	"returned_at" timestamp (3) with time zone,
	CONSTRAINT "attempts_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "attempts_state" CHECK (state in ('created', 'awaiting_payer', 'processing', 'in_review', 'unresolved', 'authorized', 'captured', 'declined', 'expired', 'voided')),
	CONSTRAINT "attempts_amount" CHECK (amount_minor > 0)
);
--> statement-breakpoint
CREATE TABLE "attention_items" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"kind" text NOT NULL,
	"invoice_id" text,
	"attempt_id" text,
	"ipn_id" text,
	"detail" jsonb NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"resolved_by" text,
	CONSTRAINT "attention_items_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "attention_items_kind" CHECK (kind in ('paid_twice', 'paid_late', 'paid_short', 'paid_over', 'currency_mismatch', 'amount_unknown', 'refund_over_captured', 'refund_amount_unknown', 'refund_failed', 'dispute', 'reference_changed', 'not_understood', 'notification_parked'))
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"payment_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"is_test" boolean NOT NULL,
	"booked_by" text NOT NULL,
	"booked_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "collections_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"state" text NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"is_test" boolean NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "disputes_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "disputes_state" CHECK (state in ('opened', 'won', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"transaction_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"position" bigserial NOT NULL,
	"type" text NOT NULL,
	"invoice_id" text,
	"attempt_id" text,
	"actor" text NOT NULL,
	"is_test" boolean NOT NULL,
	"data" jsonb NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "events_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "observations" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"ipn_id" text,
	"kind" text NOT NULL,
	"money_minor" bigint,
	"money_currency" text,
	"decline_reason" text,
	"processor_code" text,
	"processor_text" text,
	"reference" text,
	"method" text,
	"instrument" text,
	"changed_state" boolean NOT NULL,
	"occurred_at" timestamp (3) with time zone,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "observations_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "observations_kind" CHECK (kind in ('awaiting_payer', 'processing', 'in_review', 'authorized', 'captured', 'voided', 'declined', 'expired', 'refund_accepted', 'refund_succeeded', 'refund_failed', 'dispute_opened', 'dispute_won', 'dispute_lost', 'not_understood'))
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"invoice_id" text,
	"attempt_id" text,
	"refund_id" text,
	"source" text NOT NULL,
	"processor" text,
	"method" text,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"is_kept" boolean NOT NULL,
	"is_test" boolean NOT NULL,
	"reference" text,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payments_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "payments_amount" CHECK (amount_minor <> 0)
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"state" text NOT NULL,
	"is_test" boolean NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"reason" text,
	"origin" text NOT NULL,
	"requested_by" text NOT NULL,
	"processor_reference" text,
	"processor_code" text,
	"processor_text" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"occurred_at" timestamp (3) with time zone,
	"next_look_at" timestamp (3) with time zone,
	CONSTRAINT "refunds_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "refunds_state" CHECK (state in ('requested', 'sent', 'accepted', 'unresolved', 'succeeded', 'failed')),
	CONSTRAINT "refunds_amount" CHECK (amount_minor > 0)
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"reference" text NOT NULL,
	"attempt_reference" text,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"fee_minor" bigint,
	"is_test" boolean NOT NULL,
	"settled_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "settlements_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
CREATE TABLE "tries" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"outcome" text NOT NULL,
	"source" text NOT NULL,
	"decline_reason" text,
	"processor_code" text,
	"processor_text" text,
	"method" text,
	"instrument" text,
	"occurred_at" timestamp (3) with time zone,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tries_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onboarding_steps" ADD CONSTRAINT "onboarding_steps_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_merchant_id_series_id_series_merchant_id_id_fk" FOREIGN KEY ("merchant_id","series_id") REFERENCES "public"."series"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_proforma" FOREIGN KEY ("merchant_id","proforma_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "data_keys" ADD CONSTRAINT "data_keys_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD CONSTRAINT "points_of_sale_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ipns" ADD CONSTRAINT "ipns_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ipns" ADD CONSTRAINT "ipns_merchant_id_connection_id_connections_merchant_id_id_fk" FOREIGN KEY ("merchant_id","connection_id") REFERENCES "public"."connections"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_merchant_id_connection_id_connections_merchant_id_id_fk" FOREIGN KEY ("merchant_id","connection_id") REFERENCES "public"."connections"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attention_items" ADD CONSTRAINT "attention_items_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_merchant_id_payment_id_payments_merchant_id_id_fk" FOREIGN KEY ("merchant_id","payment_id") REFERENCES "public"."payments"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observations" ADD CONSTRAINT "observations_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_merchant_id_refund_id_refunds_merchant_id_id_fk" FOREIGN KEY ("merchant_id","refund_id") REFERENCES "public"."refunds"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_merchant_id_connection_id_connections_merchant_id_id_fk" FOREIGN KEY ("merchant_id","connection_id") REFERENCES "public"."connections"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tries" ADD CONSTRAINT "tries_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_by_user" ON "account" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_by_user" ON "session" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "verification_by_identifier" ON "verification" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "connections_by_point_of_sale" ON "connections" USING btree ("merchant_id","point_of_sale_id");--> statement-breakpoint
CREATE INDEX "connections_by_account" ON "connections" USING btree ("processor","account_reference");--> statement-breakpoint
CREATE UNIQUE INDEX "onboarding_steps_once" ON "onboarding_steps" USING btree ("merchant_id","point_of_sale_id","processor","step");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_lines_order" ON "invoice_lines" USING btree ("merchant_id","invoice_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_link" ON "invoices" USING btree ("link_token");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_number" ON "invoices" USING btree ("merchant_id","series_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_one_fiscal" ON "invoices" USING btree ("merchant_id","proforma_id");--> statement-breakpoint
CREATE INDEX "invoices_list" ON "invoices" USING btree ("merchant_id","is_test","id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "audit_entries_by_subject" ON "audit_entries" USING btree ("merchant_id","subject","id");--> statement-breakpoint
CREATE UNIQUE INDEX "members_once" ON "members" USING btree ("merchant_id","user_id");--> statement-breakpoint
CREATE INDEX "members_by_user" ON "members" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "series_prefix" ON "series" USING btree ("merchant_id","prefix");--> statement-breakpoint
CREATE UNIQUE INDEX "idempotency_keys_once" ON "idempotency_keys" USING btree ("merchant_id","point_of_sale_id","key");--> statement-breakpoint
CREATE INDEX "idempotency_keys_purge" ON "idempotency_keys" USING btree ("purge_at");--> statement-breakpoint
CREATE UNIQUE INDEX "ipns_once" ON "ipns" USING btree ("connection_id","dedupe_key") WHERE verdict <> 'rejected' and connection_id is not null;--> statement-breakpoint
CREATE INDEX "ipns_list" ON "ipns" USING btree ("merchant_id","id");--> statement-breakpoint
CREATE INDEX "ipns_due" ON "ipns" USING btree ("next_try_at") WHERE next_try_at is not null;--> statement-breakpoint
CREATE INDEX "ipns_purge" ON "ipns" USING btree ("purge_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_once" ON "outbox" USING btree ("merchant_id","topic","effect_key");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX "attempts_by_invoice" ON "attempts" USING btree ("merchant_id","invoice_id","id");--> statement-breakpoint
CREATE INDEX "attempts_due" ON "attempts" USING btree ("next_look_at") WHERE next_look_at is not null;--> statement-breakpoint
CREATE INDEX "attempts_by_reference" ON "attempts" USING btree ("connection_id","processor_reference");--> statement-breakpoint
CREATE INDEX "attention_items_open" ON "attention_items" USING btree ("merchant_id","due_at") WHERE resolved_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "collections_once" ON "collections" USING btree ("merchant_id","payment_id");--> statement-breakpoint
CREATE INDEX "collections_list" ON "collections" USING btree ("merchant_id","is_test","id");--> statement-breakpoint
CREATE UNIQUE INDEX "disputes_once" ON "disputes" USING btree ("merchant_id","attempt_id");--> statement-breakpoint
CREATE INDEX "events_by_invoice" ON "events" USING btree ("merchant_id","invoice_id","position");--> statement-breakpoint
CREATE INDEX "events_feed" ON "events" USING btree ("merchant_id","transaction_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "observations_once" ON "observations" USING btree ("attempt_id","digest");--> statement-breakpoint
CREATE INDEX "payments_list" ON "payments" USING btree ("merchant_id","is_test","id");--> statement-breakpoint
CREATE INDEX "payments_by_invoice" ON "payments" USING btree ("merchant_id","invoice_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payments_one_per_refund" ON "payments" USING btree ("merchant_id","refund_id");--> statement-breakpoint
CREATE INDEX "refunds_by_invoice" ON "refunds" USING btree ("merchant_id","invoice_id");--> statement-breakpoint
CREATE INDEX "refunds_due" ON "refunds" USING btree ("next_look_at") WHERE next_look_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "settlements_once" ON "settlements" USING btree ("connection_id","reference");--> statement-breakpoint
CREATE INDEX "tries_by_attempt" ON "tries" USING btree ("merchant_id","attempt_id");