-- The story is one large query; planned for each call by itself, which the planner prefers because a plan made for known
-- values looks a little cheaper, its planning costs more than everything else that a notification does in PostgreSQL.
ALTER FUNCTION plata_story(text, text) SET plan_cache_mode = force_generic_plan;
