CREATE INDEX "invoices_by_state" ON "invoices" USING btree ("merchant_id","state","id");--> statement-breakpoint
CREATE INDEX "invoices_fiscal" ON "invoices" USING btree ("merchant_id","id") WHERE kind = 'fiscal';--> statement-breakpoint
CREATE INDEX "ipns_by_attempt" ON "ipns" USING btree ("merchant_id","attempt_id","id") WHERE attempt_id is not null;--> statement-breakpoint
CREATE INDEX "ipns_unprocessed" ON "ipns" USING btree ("merchant_id","state","id") WHERE state <> 'processed';--> statement-breakpoint
CREATE INDEX "ipns_unverified" ON "ipns" USING btree ("merchant_id","verdict","id") WHERE verdict <> 'verified';