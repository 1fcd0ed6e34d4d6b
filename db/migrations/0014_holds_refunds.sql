ALTER TABLE "attention_items" DROP CONSTRAINT "attention_items_kind";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_state";--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "hold_policy" text;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "hold_policy" text DEFAULT 'ask' NOT NULL;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "refund_approval" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "hold_policy_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_verb" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_state" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_minor" bigint;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_key" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_by" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_code" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "command_text" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "bank_reference" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "bank_reference_kind" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "decided_by" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "decided_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "decision_note" text;--> statement-breakpoint
CREATE INDEX "attempts_hold_policy" ON "attempts" USING btree ("hold_policy_at") WHERE hold_policy_at is not null;--> statement-breakpoint
ALTER TABLE "attention_items" ADD CONSTRAINT "attention_items_kind" CHECK (kind in ('paid_twice', 'paid_late', 'paid_short', 'paid_over', 'currency_mismatch', 'amount_unknown', 'refund_over_captured', 'refund_amount_unknown', 'notifications_silent', 'pending_long', 'refund_failed', 'refund_pending_long', 'refund_awaits_approval', 'refund_not_sent', 'hold_ends_48h', 'hold_ends_24h', 'hold_policy_failed', 'hold_command_unknown', 'dispute', 'reference_changed', 'not_understood', 'notification_parked', 'access_lapsed', 'connection_trouble'));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_state" CHECK (state in ('awaiting_approval', 'requested', 'sent', 'not_sent', 'accepted', 'unresolved', 'succeeded', 'failed', 'rejected', 'abandoned'));--> statement-breakpoint
-- Patches learn the new columns (migration 0009).
SELECT plata_make_patches();
