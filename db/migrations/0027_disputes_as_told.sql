-- plata_take_steps as it was written by 0025, but for one thing: a dispute that moves on keeps its sum as it was told last. Before,
-- only its state was changed, and the sum of the first news stood for ever.
DO $$
DECLARE
  before text := pg_get_functiondef('plata_take_steps(jsonb)'::regprocedure);
  after text := replace(before,
    'DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at',
    'DO UPDATE SET state = excluded.state, currency = excluded.currency, amount_minor = excluded.amount_minor, '
      || 'closed_at = excluded.closed_at');
BEGIN
  IF after = before THEN
    RAISE EXCEPTION 'plata_take_steps is not as 0025 wrote it';
  END IF;
  EXECUTE after;
END $$;
