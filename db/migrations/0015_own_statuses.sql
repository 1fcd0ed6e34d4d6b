CREATE TABLE "outcome_statuses" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"outcome" text NOT NULL,
	"own_status_id" text NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "outcome_statuses_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "outcome_statuses_outcome" CHECK (outcome in ('held', 'paid', 'partly_paid', 'rejected', 'refunded', 'partly_refunded', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "own_statuses" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant_id" text NOT NULL,
	"name" text NOT NULL,
	"name_key" text NOT NULL,
	"tone" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "own_statuses_tenant" UNIQUE("merchant_id","id"),
	CONSTRAINT "own_statuses_tone" CHECK (tone in ('plain', 'info', 'good', 'warn', 'bad'))
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "outcome" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "outcome_reason" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "outcome_by" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "outcome_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "own_status_id" text;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "outcomes_asked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "sender_name" text;--> statement-breakpoint
ALTER TABLE "points_of_sale" ADD COLUMN "sender_email" text;--> statement-breakpoint
ALTER TABLE "outcome_statuses" ADD CONSTRAINT "outcome_statuses_merchant_id_own_status_id_own_statuses_merchant_id_id_fk" FOREIGN KEY ("merchant_id","own_status_id") REFERENCES "public"."own_statuses"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "own_statuses" ADD CONSTRAINT "own_statuses_merchant_id_merchants_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "outcome_statuses_once" ON "outcome_statuses" USING btree ("merchant_id","outcome");--> statement-breakpoint
CREATE UNIQUE INDEX "own_statuses_name" ON "own_statuses" USING btree ("merchant_id","name_key") WHERE archived_at is null;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_own_status_fk" FOREIGN KEY ("merchant_id","own_status_id") REFERENCES "public"."own_statuses"("merchant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invoices_own_status" ON "invoices" USING btree ("merchant_id","own_status_id","id") WHERE own_status_id is not null;--> statement-breakpoint
CREATE INDEX "invoices_payer_tax_id" ON "invoices" USING btree ("merchant_id","payer_tax_id","id") WHERE payer_tax_id is not null;--> statement-breakpoint
CREATE INDEX "invoices_payer_phone" ON "invoices" USING btree ("merchant_id","payer_phone","id") WHERE payer_phone is not null;--> statement-breakpoint
CREATE INDEX "invoices_payer_email" ON "invoices" USING btree ("merchant_id",lower(payer_email),"id") WHERE payer_email is not null;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_outcome" CHECK (outcome in ('held', 'paid', 'partly_paid', 'rejected', 'refunded', 'partly_refunded', 'cancelled'));--> statement-breakpoint
-- Patches learn the new columns (migration 0009).
SELECT plata_make_patches();--> statement-breakpoint
-- Everything a step decides on, as one JSON document; null when the merchant has no such invoice.
CREATE OR REPLACE FUNCTION plata_story(merchant text, invoice text) RETURNS json
LANGUAGE plpgsql STABLE
-- A plan made while the tables were still empty must not read them whole once they are large.
SET enable_seqscan = off
-- Planned once per database connection (0012).
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- Named first: a join would let the planner begin at the other end, with all of the merchant's rows.
  ids text[] := ARRAY(SELECT id FROM attempts WHERE merchant_id = merchant AND invoice_id = invoice);
BEGIN
  RETURN (
    SELECT json_build_object(
      'invoice', i, 'pointOfSale', p, 'paidTwicePolicy', m.paid_twice_policy, 'timeZone', m.time_zone,
      'lines', (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM invoice_lines t
        WHERE t.merchant_id = merchant AND t.invoice_id = invoice),
      'attempts', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM attempts t
        WHERE t.merchant_id = merchant AND t.invoice_id = invoice),
      'tries', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM tries t
        WHERE t.merchant_id = merchant AND t.attempt_id = ANY (ids)),
      'seen', (SELECT coalesce(json_agg(t.attempt_id || '|' || t.digest ORDER BY t.id), '[]') FROM observations t
        WHERE t.merchant_id = merchant AND t.attempt_id = ANY (ids)),
      'payments', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM payments t
        WHERE t.merchant_id = merchant AND t.invoice_id = invoice),
      'refunds', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM refunds t
        WHERE t.merchant_id = merchant AND t.invoice_id = invoice),
      'disputes', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM disputes t
        WHERE t.merchant_id = merchant AND t.invoice_id = invoice),
      'collections', (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM collections c
        WHERE c.merchant_id = merchant AND c.payment_id = ANY (
          ARRAY(SELECT t.id FROM payments t WHERE t.merchant_id = merchant AND t.invoice_id = invoice))),
      'fiscalInvoiceId', (SELECT f.id FROM invoices f WHERE f.merchant_id = merchant AND f.proforma_id = invoice),
      'fiscalSeriesId', (SELECT s.id FROM series s WHERE s.merchant_id = merchant AND s.kind = 'fiscal'
        AND s.archived_at IS NULL AND s.is_test = i.is_test ORDER BY s.id LIMIT 1),
      'connections', (SELECT coalesce(json_agg(json_build_object('id', c.id, 'processor', c.processor,
        'variant', c.variant, 'accountReference', c.account_reference,
        'notifies', c.notify_email IS NOT NULL)), '[]') FROM connections c
        WHERE c.merchant_id = merchant AND c.id = ANY (
          ARRAY(SELECT a.connection_id FROM attempts a WHERE a.merchant_id = merchant AND a.invoice_id = invoice))),
      'webhookEndpoints', (SELECT coalesce(json_agg(json_build_object('id', w.id, 'eventTypes', w.event_types)), '[]')
        FROM webhook_endpoints w WHERE w.merchant_id = merchant AND w.point_of_sale_id = i.point_of_sale_id
        AND w.archived_at IS NULL),
      'ownStatuses', (SELECT coalesce(json_agg(json_build_object('outcome', o.outcome, 'id', s.id, 'name', s.name,
        'tone', s.tone)), '[]') FROM outcome_statuses o
        JOIN own_statuses s ON s.merchant_id = o.merchant_id AND s.id = o.own_status_id
        WHERE o.merchant_id = merchant))
    FROM invoices i
    JOIN points_of_sale p ON p.merchant_id = i.merchant_id AND p.id = i.point_of_sale_id
    JOIN merchants m ON m.id = i.merchant_id
    WHERE i.merchant_id = merchant AND i.id = invoice
  );
END $$;
