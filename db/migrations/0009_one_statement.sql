-- The two statements that carry every step of an invoice's story. As functions their plans are made once per database
-- connection, and a step costs one round trip to read and one to write.

-- Everything a step decides on, as one JSON document; null when the merchant has no such invoice.
CREATE FUNCTION plata_story(merchant text, invoice text) RETURNS json
LANGUAGE plpgsql STABLE
-- A plan made while the tables were still empty must not read them whole once they are large.
SET enable_seqscan = off
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
        AND w.archived_at IS NULL))
    FROM invoices i
    JOIN points_of_sale p ON p.merchant_id = i.merchant_id AND p.id = i.point_of_sale_id
    JOIN merchants m ON m.id = i.merchant_id
    WHERE i.merchant_id = merchant AND i.id = invoice
  );
END $$;
--> statement-breakpoint
-- The story of the invoice that an attempt belongs to.
CREATE FUNCTION plata_story_of_attempt(merchant text, attempt text) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN plata_story(merchant, (SELECT invoice_id FROM attempts WHERE merchant_id = merchant AND id = attempt));
END $$;
--> statement-breakpoint
-- Makes a notification durable and reads the story it speaks of. `kept` is false for a copy of one that we have.
CREATE FUNCTION plata_take_ipn(ipn jsonb, attempt text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  kept boolean;
BEGIN
  INSERT INTO ipns SELECT * FROM jsonb_populate_record(NULL::ipns, ipn) ON CONFLICT DO NOTHING;
  kept := FOUND;
  RETURN json_build_object('kept', kept, 'story',
    CASE WHEN kept AND attempt IS NOT NULL THEN plata_story_of_attempt(ipn ->> 'merchant_id', attempt) END);
END $$;
--> statement-breakpoint
-- Takes the series' next number for an invoice, in the step's own transaction: no gaps, no doubles.
CREATE FUNCTION plata_issue_number(merchant text, invoice text, from_series text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  WITH taken AS (
    UPDATE series SET next_number = next_number + 1 WHERE merchant_id = merchant AND id = from_series
    RETURNING next_number - 1 AS number, prefix
  )
  UPDATE invoices SET series_id = from_series, number = taken.number,
    label = taken.prefix || lpad(taken.number::text, 6, '0')
  FROM taken WHERE invoices.merchant_id = merchant AND invoices.id = invoice;
END $$;
--> statement-breakpoint
-- Makes plata_patch_<table>(merchant, id, patch): changes the columns that a patch names, and no others. A statement
-- that names all columns is planned once, one made for each patch every time. Whoever adds a column to one of these
-- tables calls this again in the same migration.
CREATE FUNCTION plata_make_patches() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  target text;
  names text;
BEGIN
  FOREACH target IN ARRAY ARRAY['invoices', 'attempts', 'refunds'] LOOP
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names FROM pg_attribute
      WHERE attrelid = target::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'merchant_id');
    EXECUTE format($make$
      CREATE OR REPLACE FUNCTION plata_patch_%1$s(merchant text, row_id text, patch jsonb) RETURNS void
      LANGUAGE plpgsql AS $patch$
      BEGIN
        UPDATE %1$s t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(t, patch))
        WHERE t.merchant_id = merchant AND t.id = row_id;
      END $patch$
    $make$, target, names);
  END LOOP;
END $$;
--> statement-breakpoint
SELECT plata_make_patches();
--> statement-breakpoint
-- Writes one step of an invoice's story, whole or not at all. It takes the invoice's row lock first, then checks that the
-- invoice is still as it was when the step was decided; a loser stops here with SQLSTATE PL409 and decides again. Every
-- statement after the lock sees what was committed before it. Without `expected` the invoice is new and comes with the step.
-- Rows are JSON objects with the tables' own column names, complete but for columns that may be null.
CREATE FUNCTION plata_take_step(merchant text, invoice text, expected integer, step jsonb) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  present integer;
  item jsonb;
BEGIN
  IF expected IS NOT NULL THEN
    SELECT version INTO present FROM invoices WHERE merchant_id = merchant AND id = invoice FOR UPDATE;
    IF present IS DISTINCT FROM expected THEN
      RAISE EXCEPTION 'invoice changed' USING ERRCODE = 'PL409';
    END IF;
    PERFORM plata_patch_invoices(merchant, invoice,
      coalesce(step -> 'invoice', '{}') || jsonb_build_object('version', expected + 1));
  END IF;
  IF step ? 'lines' THEN
    DELETE FROM invoice_lines WHERE merchant_id = merchant AND invoice_id = invoice;
    INSERT INTO invoice_lines SELECT * FROM jsonb_populate_recordset(NULL::invoice_lines, step -> 'lines');
  END IF;
  FOR item IN SELECT * FROM jsonb_array_elements(step -> 'new_invoices') LOOP
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
  FOR item IN SELECT * FROM jsonb_array_elements(step -> 'attempts') LOOP
    PERFORM plata_patch_attempts(merchant, item ->> 'id', item -> 'patch');
  END LOOP;
  IF step ? 'new_refunds' THEN
    INSERT INTO refunds SELECT * FROM jsonb_populate_recordset(NULL::refunds, step -> 'new_refunds');
  END IF;
  FOR item IN SELECT * FROM jsonb_array_elements(step -> 'refunds') LOOP
    PERFORM plata_patch_refunds(merchant, item ->> 'id', item -> 'patch');
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
  FOR item IN SELECT * FROM jsonb_array_elements(step -> 'ipns_done') LOOP
    UPDATE ipns SET state = 'processed', processed_at = (item ->> 'at')::timestamptz, next_try_at = NULL,
      attempt_id = item ->> 'attempt_id', reason = NULL
    WHERE id = item ->> 'id';
    UPDATE connections SET last_notification_at = (item ->> 'received_at')::timestamptz
    WHERE merchant_id = merchant AND id = item ->> 'connection_id' AND (last_notification_at IS NULL
      OR last_notification_at < (item ->> 'received_at')::timestamptz - interval '1 minute');
  END LOOP;
END $$;
--> statement-breakpoint
DROP FUNCTION plata_lock_invoice(text, text, integer);
