ALTER TABLE "attention_items" DROP CONSTRAINT "attention_items_kind";--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "notify_test" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "renewed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "renew_lease_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "diagnosis" jsonb;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "next_exam_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "extras" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "connections_to_examine" ON "connections" USING btree ("next_exam_at");--> statement-breakpoint
ALTER TABLE "attention_items" ADD CONSTRAINT "attention_items_kind" CHECK (kind in ('paid_twice', 'paid_late', 'paid_short', 'paid_over', 'currency_mismatch', 'amount_unknown', 'refund_over_captured', 'refund_amount_unknown', 'notifications_silent', 'pending_long', 'refund_failed', 'dispute', 'reference_changed', 'not_understood', 'notification_parked', 'access_lapsed', 'connection_trouble'));