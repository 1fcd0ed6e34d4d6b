CREATE TABLE "crm_calls" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"installation_id" text NOT NULL,
	"invoice_id" text,
	"direction" text NOT NULL,
	"name" text NOT NULL,
	"about" text,
	"status" integer,
	"is_done" boolean NOT NULL,
	"answer" text NOT NULL,
	"milliseconds" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "crm_calls_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "crm_calls_direction" CHECK (direction in ('in', 'out'))
);
--> statement-breakpoint
CREATE TABLE "crm_installations" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"point_of_sale_id" text NOT NULL,
	"crm" text NOT NULL,
	"code" text NOT NULL,
	"url" text NOT NULL,
	"secrets" text NOT NULL,
	"data_key_id" text NOT NULL,
	"client_id_hash" text NOT NULL,
	"default_currency" text,
	"locale" text NOT NULL,
	"time_zone" text,
	"is_active" boolean DEFAULT true NOT NULL,
	"is_frozen" boolean DEFAULT false NOT NULL,
	"shops" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"last_check" jsonb,
	"registered_at" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "crm_installations_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "crm_installations_crm" CHECK (crm in ('retailcrm'))
);
--> statement-breakpoint
CREATE TABLE "crm_invoices" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"installation_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"invoice_uuid" text NOT NULL,
	"connection_id" text NOT NULL,
	"order_number" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"return_url" text,
	"check_state" text,
	"check_text" text,
	"checked_at" timestamp (3) with time zone,
	"cancelled_at" timestamp (3) with time zone,
	"cancel_reason" text,
	"reported" jsonb,
	"is_behind" boolean DEFAULT false NOT NULL,
	"report_lease_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "crm_invoices_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "crm_invoices_check" CHECK (check_state in ('passed', 'refused'))
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "only_connection_id" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "crm_installation_id" text;--> statement-breakpoint
ALTER TABLE "crm_calls" ADD CONSTRAINT "crm_calls_merchant_id_installation_id_crm_installations_merchant_id_id_fk" FOREIGN KEY ("merchant_id","installation_id") REFERENCES "public"."crm_installations"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crm_installations" ADD CONSTRAINT "crm_installations_merchant_id_point_of_sale_id_points_of_sale_merchant_id_id_fk" FOREIGN KEY ("merchant_id","point_of_sale_id") REFERENCES "public"."points_of_sale"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crm_invoices" ADD CONSTRAINT "crm_invoices_merchant_id_installation_id_crm_installations_merchant_id_id_fk" FOREIGN KEY ("merchant_id","installation_id") REFERENCES "public"."crm_installations"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crm_invoices" ADD CONSTRAINT "crm_invoices_merchant_id_invoice_id_invoices_merchant_id_id_fk" FOREIGN KEY ("merchant_id","invoice_id") REFERENCES "public"."invoices"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crm_invoices" ADD CONSTRAINT "crm_invoices_merchant_id_connection_id_connections_merchant_id_id_fk" FOREIGN KEY ("merchant_id","connection_id") REFERENCES "public"."connections"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "crm_calls_by_installation" ON "crm_calls" USING btree ("merchant_id","installation_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "crm_installations_client" ON "crm_installations" USING btree ("client_id_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "crm_installations_once" ON "crm_installations" USING btree ("merchant_id","point_of_sale_id","url") WHERE archived_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "crm_invoices_uuid" ON "crm_invoices" USING btree ("merchant_id","installation_id","invoice_uuid");--> statement-breakpoint
CREATE UNIQUE INDEX "crm_invoices_ours" ON "crm_invoices" USING btree ("merchant_id","invoice_id");--> statement-breakpoint
-- Patches learn the new columns (migration 0009).
SELECT plata_make_patches();
