CREATE TABLE "authorization_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"user_id" text NOT NULL,
	"sent_to" text NOT NULL,
	"mail_hash" text NOT NULL,
	"state_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"opened_at" timestamp (3) with time zone,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "authorization_requests_tenant" UNIQUE("merchant_id","id")
);
--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "options" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "capture_mode" text DEFAULT 'automatic' NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "only_method" text;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "details_template" text;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "payer_note" text;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "notify_email" text;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "authorization_state" text DEFAULT 'not_needed' NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "permissions" jsonb;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "access_expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "renewable_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "account_id" text;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "accounts" jsonb;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "methods" jsonb;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "beneficiary_name" text;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "offer_url" text;--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "method_order" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "authorization_requests" ADD CONSTRAINT "authorization_requests_merchant_id_connection_id_connections_merchant_id_id_fk" FOREIGN KEY ("merchant_id","connection_id") REFERENCES "public"."connections"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "authorization_requests_mail" ON "authorization_requests" USING btree ("mail_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "authorization_requests_state" ON "authorization_requests" USING btree ("state_hash");--> statement-breakpoint
CREATE INDEX "connections_to_renew" ON "connections" USING btree ("access_expires_at");--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_authorization_state" CHECK (authorization_state in ('not_needed', 'wanted', 'granted', 'lapsed'));