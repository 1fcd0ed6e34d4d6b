-- Several stories are read, and several steps written, by one statement each: what starting a statement, planning nothing and
-- committing cost is then paid once for all notifications that came together. One story and one step are a list of one.
DROP FUNCTION plata_take_ipn(jsonb, text);
--> statement-breakpoint
DROP FUNCTION plata_story_of_attempt(text, text);
--> statement-breakpoint
DROP FUNCTION plata_story(text, text);
--> statement-breakpoint
-- Everything that steps of these invoices decide on: a JSON document for each, in the order asked; null where the merchant
-- has no such invoice.
CREATE FUNCTION plata_stories(merchants text[], invoice_ids text[]) RETURNS SETOF json
LANGUAGE plpgsql STABLE
-- A plan made while the tables were still empty must not read them whole once they are large.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
-- Planned once per database connection (0012).
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN QUERY
    SELECT CASE WHEN i.id IS NOT NULL THEN json_build_object(
      'invoice', i, 'pointOfSale', p, 'paidTwicePolicy', m.paid_twice_policy, 'timeZone', m.time_zone,
      'lines', (SELECT coalesce(json_agg(t ORDER BY t.position), '[]') FROM invoice_lines t
        WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id),
      'attempts', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM attempts t
        WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id),
      'tries', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM tries t
        WHERE t.merchant_id = i.merchant_id AND t.attempt_id = ANY (its.attempts)),
      'seen', (SELECT coalesce(json_agg(t.attempt_id || '|' || t.digest ORDER BY t.id), '[]') FROM observations t
        WHERE t.merchant_id = i.merchant_id AND t.attempt_id = ANY (its.attempts)),
      'payments', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM payments t
        WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id),
      'refunds', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM refunds t
        WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id),
      'disputes', (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM disputes t
        WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id),
      'collections', (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM collections c
        WHERE c.merchant_id = i.merchant_id AND c.payment_id = ANY (
          ARRAY(SELECT t.id FROM payments t WHERE t.merchant_id = i.merchant_id AND t.invoice_id = i.id))),
      'fiscalInvoiceId', (SELECT f.id FROM invoices f WHERE f.merchant_id = i.merchant_id AND f.proforma_id = i.id),
      'fiscalSeriesId', (SELECT s.id FROM series s WHERE s.merchant_id = i.merchant_id AND s.kind = 'fiscal'
        AND s.archived_at IS NULL AND s.is_test = i.is_test ORDER BY s.id LIMIT 1),
      'connections', (SELECT coalesce(json_agg(json_build_object('id', c.id, 'processor', c.processor,
        'variant', c.variant, 'accountReference', c.account_reference,
        'notifies', c.notify_email IS NOT NULL)), '[]') FROM connections c
        WHERE c.merchant_id = i.merchant_id AND c.id = ANY (
          ARRAY(SELECT a.connection_id FROM attempts a WHERE a.merchant_id = i.merchant_id AND a.invoice_id = i.id))),
      'webhookEndpoints', (SELECT coalesce(json_agg(json_build_object('id', w.id, 'eventTypes', w.event_types)), '[]')
        FROM webhook_endpoints w WHERE w.merchant_id = i.merchant_id AND w.point_of_sale_id = i.point_of_sale_id
        AND w.archived_at IS NULL),
      'ownStatuses', (SELECT coalesce(json_agg(json_build_object('outcome', o.outcome, 'id', s.id, 'name', s.name,
        'tone', s.tone)), '[]') FROM outcome_statuses o
        JOIN own_statuses s ON s.merchant_id = o.merchant_id AND s.id = o.own_status_id
        WHERE o.merchant_id = i.merchant_id)) END
    FROM unnest(merchants, invoice_ids) WITH ORDINALITY AS asked (merchant, invoice, place)
    LEFT JOIN invoices i ON i.merchant_id = asked.merchant AND i.id = asked.invoice
    LEFT JOIN points_of_sale p ON p.merchant_id = i.merchant_id AND p.id = i.point_of_sale_id
    LEFT JOIN merchants m ON m.id = i.merchant_id
    -- Named first: a join would let the planner begin at the other end, with all of the merchant's rows.
    CROSS JOIN LATERAL (SELECT ARRAY(SELECT a.id FROM attempts a
      WHERE a.merchant_id = i.merchant_id AND a.invoice_id = i.id) AS attempts OFFSET 0) its
    ORDER BY asked.place;
END $$;
--> statement-breakpoint
-- The stories of the invoices that these attempts belong to, in the order asked.
CREATE FUNCTION plata_stories_of_attempts(merchants text[], attempt_ids text[]) RETURNS SETOF json
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  RETURN QUERY SELECT * FROM plata_stories(merchants, ARRAY(
    SELECT (SELECT a.invoice_id FROM attempts a WHERE a.merchant_id = asked.merchant AND a.id = asked.attempt)
    FROM unnest(merchants, attempt_ids) WITH ORDINALITY AS asked (merchant, attempt, place) ORDER BY place));
END $$;
--> statement-breakpoint
-- Makes a notification durable and reads the story of the attempt that is named. `kept` is false for a copy of one that we have.
CREATE FUNCTION plata_take_ipn(ipn jsonb, attempt text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  kept boolean;
BEGIN
  INSERT INTO ipns SELECT * FROM jsonb_populate_record(NULL::ipns, ipn) ON CONFLICT DO NOTHING;
  kept := FOUND;
  IF kept AND attempt IS NOT NULL THEN
    RETURN json_build_object('kept', true, 'story',
      (SELECT story FROM plata_stories_of_attempts(ARRAY[ipn ->> 'merchant_id'], ARRAY[attempt]) AS story));
  END IF;
  RETURN json_build_object('kept', kept);
END $$;
--> statement-breakpoint
DROP FUNCTION plata_take_step(text, text, integer, jsonb);
--> statement-breakpoint
DROP FUNCTION plata_patch_invoices(text, text, jsonb);
--> statement-breakpoint
DROP FUNCTION plata_patch_attempts(text, text, jsonb);
--> statement-breakpoint
DROP FUNCTION plata_patch_refunds(text, text, jsonb);
--> statement-breakpoint
-- Makes plata_patch_<table>(patches): changes of each row the columns that its patch names, and no others, and tells how many
-- rows that were. An invoice's patch names its next version, and fits only the one before. A statement that names all
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
      CREATE OR REPLACE FUNCTION plata_patch_%1$s(patches jsonb) RETURNS integer
      LANGUAGE plpgsql AS $patch$
      DECLARE
        changed integer;
      BEGIN
        UPDATE %1$s t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(t, its.patch))
        FROM jsonb_to_recordset(patches) AS its (merchant_id text, id text, patch jsonb)
        WHERE t.merchant_id = its.merchant_id AND t.id = its.id%3$s;
        GET DIAGNOSTICS changed = ROW_COUNT;
        RETURN changed;
      END $patch$
    $make$, target, names,
      CASE WHEN target = 'invoices' THEN $version$ AND t.version = (its.patch ->> 'version')::integer - 1$version$ END);
  END LOOP;
END $$;
--> statement-breakpoint
SELECT plata_make_patches();
--> statement-breakpoint
-- Writes steps of invoices' stories, all of them whole or nothing at all. Each invoice must still be as it was when its step
-- was decided; a loser stops the whole at its first statement with SQLSTATE PL409, and all are decided again. That statement
-- takes the invoices' locks, in the order of the list; every statement after it sees what was committed before.
-- Rows are JSON objects with the tables' own column names, complete but for columns that may be null.
CREATE FUNCTION plata_take_steps(steps jsonb) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  item jsonb;
  changed integer;
BEGIN
  IF steps ? 'invoices' THEN
    changed := plata_patch_invoices(steps -> 'invoices');
    IF changed < jsonb_array_length(steps -> 'invoices') THEN
      RAISE EXCEPTION 'invoice changed' USING ERRCODE = 'PL409';
    END IF;
  END IF;
  IF steps ? 'new_invoices' THEN
    INSERT INTO invoices SELECT * FROM jsonb_populate_recordset(NULL::invoices, steps -> 'new_invoices');
  END IF;
  IF steps ? 'without_lines' THEN
    DELETE FROM invoice_lines t USING jsonb_to_recordset(steps -> 'without_lines') AS its (merchant_id text, invoice_id text)
    WHERE t.merchant_id = its.merchant_id AND t.invoice_id = its.invoice_id;
  END IF;
  IF steps ? 'lines' THEN
    INSERT INTO invoice_lines SELECT * FROM jsonb_populate_recordset(NULL::invoice_lines, steps -> 'lines');
  END IF;
  FOR at IN 0 .. coalesce(jsonb_array_length(steps -> 'numbers'), 0) - 1 LOOP
    item := steps -> 'numbers' -> at;
    PERFORM plata_issue_number(item ->> 'merchant_id', item ->> 'invoice_id', item ->> 'series_id');
  END LOOP;
  IF steps ? 'new_attempts' THEN
    INSERT INTO attempts SELECT * FROM jsonb_populate_recordset(NULL::attempts, steps -> 'new_attempts');
  END IF;
  IF steps ? 'attempts' THEN
    changed := plata_patch_attempts(steps -> 'attempts');
  END IF;
  IF steps ? 'new_refunds' THEN
    INSERT INTO refunds SELECT * FROM jsonb_populate_recordset(NULL::refunds, steps -> 'new_refunds');
  END IF;
  IF steps ? 'refunds' THEN
    changed := plata_patch_refunds(steps -> 'refunds');
  END IF;
  IF steps ? 'observations' THEN
    INSERT INTO observations SELECT * FROM jsonb_populate_recordset(NULL::observations, steps -> 'observations');
  END IF;
  IF steps ? 'tries' THEN
    INSERT INTO tries SELECT * FROM jsonb_populate_recordset(NULL::tries, steps -> 'tries');
  END IF;
  IF steps ? 'payments' THEN
    INSERT INTO payments SELECT * FROM jsonb_populate_recordset(NULL::payments, steps -> 'payments');
  END IF;
  IF steps ? 'collections' THEN
    INSERT INTO collections SELECT * FROM jsonb_populate_recordset(NULL::collections, steps -> 'collections');
  END IF;
  IF steps ? 'disputes' THEN
    INSERT INTO disputes SELECT * FROM jsonb_populate_recordset(NULL::disputes, steps -> 'disputes')
      ON CONFLICT (merchant_id, attempt_id) DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at;
  END IF;
  IF steps ? 'attention' THEN
    INSERT INTO attention_items SELECT * FROM jsonb_populate_recordset(NULL::attention_items, steps -> 'attention');
  END IF;
  IF steps ? 'events' THEN
    INSERT INTO events (id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at)
      SELECT id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at
      FROM ROWS FROM (jsonb_populate_recordset(NULL::events, steps -> 'events')) WITH ORDINALITY
      ORDER BY ordinality;
  END IF;
  IF steps ? 'audit' THEN
    INSERT INTO audit_entries SELECT * FROM jsonb_populate_recordset(NULL::audit_entries, steps -> 'audit');
  END IF;
  IF steps ? 'outbox' THEN
    INSERT INTO outbox SELECT * FROM jsonb_populate_recordset(NULL::outbox, steps -> 'outbox') ON CONFLICT DO NOTHING;
  END IF;
  -- Notifications whose news the steps took are done with, and their connections were heard. To the minute only: all
  -- notifications of a connection would otherwise wait for that one row.
  IF steps ? 'ipns_done' THEN
    UPDATE ipns SET state = 'processed', processed_at = done.processed_at, next_try_at = NULL, attempt_id = done.attempt_id,
      reason = NULL
    FROM jsonb_to_recordset(steps -> 'ipns_done') AS done (id text, attempt_id text, processed_at timestamptz)
    WHERE ipns.id = done.id;
    UPDATE connections SET last_notification_at = heard.received_at
    FROM jsonb_to_recordset(steps -> 'ipns_done') AS heard (merchant_id text, connection_id text, received_at timestamptz)
    WHERE connections.merchant_id = heard.merchant_id AND connections.id = heard.connection_id
      AND (last_notification_at IS NULL OR last_notification_at < heard.received_at - interval '1 minute');
  END IF;
END $$;
