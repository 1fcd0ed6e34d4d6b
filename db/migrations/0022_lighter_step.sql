-- What a step costs in PostgreSQL is mostly the number of statements that it starts, whatever they do. A loop over a query and
-- a call by PERFORM start one each; a loop over numbers and an assignment start none. The invoice is locked by the update that
-- also looks at its version: whoever waited for the lock and finds another version changes no row.
DROP FUNCTION plata_patch_invoices(text, text, jsonb);
--> statement-breakpoint
DROP FUNCTION plata_patch_attempts(text, text, jsonb);
--> statement-breakpoint
DROP FUNCTION plata_patch_refunds(text, text, jsonb);
--> statement-breakpoint
-- Makes plata_patch_<table>(merchant, id, patch): changes the columns that a patch names, and no others, and tells whether
-- there was such a row. An invoice's patch names its next version, and fits only the one before. A statement that names all
-- columns is planned once, one made for each patch every time. Whoever adds a column to one of these tables calls this
-- again in the same migration.
CREATE OR REPLACE FUNCTION plata_make_patches() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  target text;
  names text;
BEGIN
  FOREACH target IN ARRAY ARRAY['invoices', 'attempts', 'refunds'] LOOP
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names FROM pg_attribute
      WHERE attrelid = target::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'merchant_id');
    EXECUTE format($make$
      CREATE OR REPLACE FUNCTION plata_patch_%1$s(merchant text, row_id text, patch jsonb) RETURNS boolean
      LANGUAGE plpgsql AS $patch$
      BEGIN
        UPDATE %1$s t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(t, patch))
        WHERE t.merchant_id = merchant AND t.id = row_id%3$s;
        RETURN FOUND;
      END $patch$
    $make$, target, names,
      CASE WHEN target = 'invoices' THEN $version$ AND t.version = (patch ->> 'version')::integer - 1$version$ END);
  END LOOP;
END $$;
--> statement-breakpoint
SELECT plata_make_patches();
--> statement-breakpoint
-- Writes one step of an invoice's story, whole or not at all. The invoice must still be as it was when the step was decided;
-- a loser stops at its first statement with SQLSTATE PL409 and decides again. Every statement after it sees what was
-- committed before. Without `expected` the invoice is new and comes with the step.
-- Rows are JSON objects with the tables' own column names, complete but for columns that may be null.
CREATE OR REPLACE FUNCTION plata_take_step(merchant text, invoice text, expected integer, step jsonb) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  item jsonb;
  is_done boolean;
BEGIN
  IF expected IS NOT NULL THEN
    is_done := plata_patch_invoices(merchant, invoice,
      coalesce(step -> 'invoice', '{}') || jsonb_build_object('version', expected + 1));
    IF NOT is_done THEN
      RAISE EXCEPTION 'invoice changed' USING ERRCODE = 'PL409';
    END IF;
  END IF;
  IF step ? 'lines' THEN
    DELETE FROM invoice_lines WHERE merchant_id = merchant AND invoice_id = invoice;
    INSERT INTO invoice_lines SELECT * FROM jsonb_populate_recordset(NULL::invoice_lines, step -> 'lines');
  END IF;
  FOR at IN 0 .. coalesce(jsonb_array_length(step -> 'new_invoices'), 0) - 1 LOOP
    item := step -> 'new_invoices' -> at;
    INSERT INTO invoices SELECT * FROM jsonb_populate_record(NULL::invoices, item -> 'invoice');
    INSERT INTO invoice_lines SELECT * FROM jsonb_populate_recordset(NULL::invoice_lines, item -> 'lines');
    IF item ->> 'series_id' IS NOT NULL THEN
      PERFORM plata_issue_number(merchant, item -> 'invoice' ->> 'id', item ->> 'series_id');
    END IF;
  END LOOP;
  IF step ? 'series_id' THEN
    PERFORM plata_issue_number(merchant, invoice, step ->> 'series_id');
  END IF;
  IF step ? 'new_attempts' THEN
    INSERT INTO attempts SELECT * FROM jsonb_populate_recordset(NULL::attempts, step -> 'new_attempts');
  END IF;
  FOR at IN 0 .. coalesce(jsonb_array_length(step -> 'attempts'), 0) - 1 LOOP
    item := step -> 'attempts' -> at;
    is_done := plata_patch_attempts(merchant, item ->> 'id', item -> 'patch');
  END LOOP;
  IF step ? 'new_refunds' THEN
    INSERT INTO refunds SELECT * FROM jsonb_populate_recordset(NULL::refunds, step -> 'new_refunds');
  END IF;
  FOR at IN 0 .. coalesce(jsonb_array_length(step -> 'refunds'), 0) - 1 LOOP
    item := step -> 'refunds' -> at;
    is_done := plata_patch_refunds(merchant, item ->> 'id', item -> 'patch');
  END LOOP;
  IF step ? 'observations' THEN
    INSERT INTO observations SELECT * FROM jsonb_populate_recordset(NULL::observations, step -> 'observations');
  END IF;
  IF step ? 'tries' THEN
    INSERT INTO tries SELECT * FROM jsonb_populate_recordset(NULL::tries, step -> 'tries');
  END IF;
  IF step ? 'payments' THEN
    INSERT INTO payments SELECT * FROM jsonb_populate_recordset(NULL::payments, step -> 'payments');
  END IF;
  IF step ? 'collections' THEN
    INSERT INTO collections SELECT * FROM jsonb_populate_recordset(NULL::collections, step -> 'collections');
  END IF;
  IF step ? 'disputes' THEN
    INSERT INTO disputes SELECT * FROM jsonb_populate_recordset(NULL::disputes, step -> 'disputes')
      ON CONFLICT (merchant_id, attempt_id) DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at;
  END IF;
  IF step ? 'attention' THEN
    INSERT INTO attention_items SELECT * FROM jsonb_populate_recordset(NULL::attention_items, step -> 'attention');
  END IF;
  IF step ? 'events' THEN
    INSERT INTO events (id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at)
      SELECT id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at
      FROM ROWS FROM (jsonb_populate_recordset(NULL::events, step -> 'events')) WITH ORDINALITY
      ORDER BY ordinality;
  END IF;
  IF step ? 'audit' THEN
    INSERT INTO audit_entries SELECT * FROM jsonb_populate_recordset(NULL::audit_entries, step -> 'audit');
  END IF;
  IF step ? 'outbox' THEN
    INSERT INTO outbox SELECT * FROM jsonb_populate_recordset(NULL::outbox, step -> 'outbox') ON CONFLICT DO NOTHING;
  END IF;
  -- The notification whose news the step took is done with it, and its connection was heard. To the minute only: all
  -- notifications of a connection would otherwise wait for that one row.
  FOR at IN 0 .. coalesce(jsonb_array_length(step -> 'ipns_done'), 0) - 1 LOOP
    item := step -> 'ipns_done' -> at;
    UPDATE ipns SET state = 'processed', processed_at = (item ->> 'at')::timestamptz, next_try_at = NULL,
      attempt_id = item ->> 'attempt_id', reason = NULL
    WHERE id = item ->> 'id';
    UPDATE connections SET last_notification_at = (item ->> 'received_at')::timestamptz
    WHERE merchant_id = merchant AND id = item ->> 'connection_id' AND (last_notification_at IS NULL
      OR last_notification_at < (item ->> 'received_at')::timestamptz - interval '1 minute');
  END LOOP;
END $$;
--> statement-breakpoint
-- A notification's sealed body is noise to a compressor, and short: it stays in its row instead of a second table.
ALTER TABLE ipns SET (toast_tuple_target = 8160);
--> statement-breakpoint
ALTER TABLE ipns ALTER COLUMN sealed SET STORAGE EXTERNAL;
