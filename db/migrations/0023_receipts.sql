CREATE TABLE "receipts" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"sale_id" text,
	"type" text NOT NULL,
	"register_id" text,
	"service" text,
	"tax_system" text,
	"email" text,
	"paid_by" text NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_minor" bigint NOT NULL,
	"is_test" boolean NOT NULL,
	"positions" jsonb NOT NULL,
	"request" text,
	"external_id" text NOT NULL,
	"callback_hash" text,
	"state" text NOT NULL,
	"service_reference" text,
	"fault" text,
	"fault_text" text,
	"fiscal" jsonb,
	"url" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"registered_at" timestamp (3) with time zone,
	"next_look_at" timestamp (3) with time zone,
	"looks" integer DEFAULT 0 NOT NULL,
	"last_look_at" timestamp (3) with time zone,
	CONSTRAINT "receipts_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "receipts_kind" CHECK (kind in ('sale', 'delivery', 'return')),
	CONSTRAINT "receipts_type" CHECK (type in ('income', 'income_return')),
	CONSTRAINT "receipts_state" CHECK (state in ('draft', 'sending', 'queued', 'registered', 'failed', 'unknown')),
	CONSTRAINT "receipts_amount" CHECK (amount_minor > 0)
);
--> statement-breakpoint
CREATE TABLE "registers" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"service" text NOT NULL,
	"credentials" text NOT NULL,
	"data_key_id" text NOT NULL,
	"public_fields" jsonb NOT NULL,
	"tax_system" text NOT NULL,
	"vat_rate" text NOT NULL,
	"receipt_method" text NOT NULL,
	"receipt_object" text NOT NULL,
	"last_check" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "registers_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "registers_tax_system" CHECK (tax_system in ('osn', 'usn_income', 'usn_income_outcome', 'esn', 'patent')),
	CONSTRAINT "registers_vat_rate" CHECK (vat_rate in ('none', 'vat0', 'vat5', 'vat7', 'vat10', 'vat20', 'vat22')),
	CONSTRAINT "registers_receipt_method" CHECK (receipt_method in ('full_payment', 'full_prepayment')),
	CONSTRAINT "registers_receipt_object" CHECK (receipt_object in ('goods', 'work', 'service', 'intellectual', 'payment', 'agent_commission', 'other'))
);
--> statement-breakpoint
ALTER TABLE "attention_items" DROP CONSTRAINT "attention_items_kind";--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "register_id" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "receipt_by" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "receipt_email" text;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_merchant_id_attempt_id_attempts_merchant_id_id_fk" FOREIGN KEY ("merchant_id","attempt_id") REFERENCES "public"."attempts"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_merchant_id_register_id_registers_merchant_id_id_fk" FOREIGN KEY ("merchant_id","register_id") REFERENCES "public"."registers"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registers" ADD CONSTRAINT "registers_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_once" ON "receipts" USING btree ("merchant_id","subject","kind");--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_callback" ON "receipts" USING btree ("callback_hash");--> statement-breakpoint
CREATE INDEX "receipts_by_invoice" ON "receipts" USING btree ("merchant_id","invoice_id","id");--> statement-breakpoint
CREATE INDEX "receipts_due" ON "receipts" USING btree ("next_look_at") WHERE next_look_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "registers_once" ON "registers" USING btree ("merchant_id","point_of_sale_id") WHERE archived_at is null;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_receipt_by" CHECK (receipt_by in ('processor', 'register'));--> statement-breakpoint
ALTER TABLE "attention_items" ADD CONSTRAINT "attention_items_kind" CHECK (kind in ('paid_twice', 'paid_late', 'paid_short', 'paid_over', 'currency_mismatch', 'amount_unknown', 'refund_over_captured', 'refund_amount_unknown', 'notifications_silent', 'pending_long', 'refund_failed', 'refund_pending_long', 'refund_awaits_approval', 'refund_not_sent', 'hold_ends_48h', 'hold_ends_24h', 'hold_policy_failed', 'hold_command_unknown', 'dispute', 'reference_changed', 'not_understood', 'notification_parked', 'access_lapsed', 'connection_trouble', 'receipt_failed', 'receipt_unknown', 'receipt_pending_long'));--> statement-breakpoint
-- Patches learn the new columns (migration 0022).
SELECT plata_make_patches();
