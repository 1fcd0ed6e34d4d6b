DROP INDEX "payments_one_per_refund";--> statement-breakpoint
CREATE UNIQUE INDEX "payments_once_per_refund" ON "payments" USING btree ("merchant_id","refund_id","is_kept");