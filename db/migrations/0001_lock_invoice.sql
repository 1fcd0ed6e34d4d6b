-- First statement of every step that changes an invoice's story. It takes the invoice's row lock, then checks that the
-- invoice is still as it was when the step was decided; a loser stops here with SQLSTATE PL409 and decides again.
CREATE FUNCTION plata_lock_invoice(merchant text, invoice text, expected integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  found integer;
BEGIN
  SELECT version INTO found FROM invoices WHERE merchant_id = merchant AND id = invoice FOR UPDATE;
  IF found IS DISTINCT FROM expected THEN
    RAISE EXCEPTION 'invoice changed' USING ERRCODE = 'PL409';
  END IF;
  UPDATE invoices SET version = expected + 1 WHERE merchant_id = merchant AND id = invoice;
  RETURN expected + 1;
END $$;
--> statement-breakpoint
-- What was said and done stays as it was written: corrections are new rows.
CREATE FUNCTION plata_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'PL403';
END $$;
--> statement-breakpoint
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION plata_append_only();
--> statement-breakpoint
CREATE TRIGGER payments_append_only BEFORE DELETE ON payments FOR EACH ROW EXECUTE FUNCTION plata_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION plata_append_only();
--> statement-breakpoint
-- A fiscal invoice is corrected by a storno, never changed: only its money, state and versions may move.
CREATE FUNCTION plata_issued_fiscal_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.kind = 'fiscal' AND OLD.number IS NOT NULL AND (
    NEW.kind, NEW.series_id, NEW.number, NEW.label, NEW.currency, NEW.amount_minor, NEW.payer_name, NEW.payer_tax_id,
    NEW.issued_on, NEW.proforma_id
  ) IS DISTINCT FROM (
    OLD.kind, OLD.series_id, OLD.number, OLD.label, OLD.currency, OLD.amount_minor, OLD.payer_name, OLD.payer_tax_id,
    OLD.issued_on, OLD.proforma_id
  ) THEN
    RAISE EXCEPTION 'an issued fiscal invoice is final' USING ERRCODE = 'PL403';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoices_fiscal_final BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION plata_issued_fiscal_is_final();
