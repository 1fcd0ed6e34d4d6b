ALTER TABLE "attention_items" DROP CONSTRAINT "attention_items_kind";--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "leased_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "hold_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "is_hold_estimated" boolean;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "hold_alarm_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "observations" ADD COLUMN "event_ids" jsonb;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "looks" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "last_look_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "attempts_hold_alarm" ON "attempts" USING btree ("hold_alarm_at") WHERE hold_alarm_at is not null;--> statement-breakpoint
CREATE INDEX "attempts_held" ON "attempts" USING btree ("merchant_id","hold_until") WHERE state = 'authorized';--> statement-breakpoint
ALTER TABLE "attention_items" ADD CONSTRAINT "attention_items_kind" CHECK (kind in ('paid_twice', 'paid_late', 'paid_short', 'paid_over', 'currency_mismatch', 'amount_unknown', 'refund_over_captured', 'refund_amount_unknown', 'notifications_silent', 'pending_long', 'refund_failed', 'refund_pending_long', 'hold_ends_48h', 'hold_ends_24h', 'dispute', 'reference_changed', 'not_understood', 'notification_parked', 'access_lapsed', 'connection_trouble'));--> statement-breakpoint
-- Patches learn the new columns (migration 0009).
SELECT plata_make_patches();
