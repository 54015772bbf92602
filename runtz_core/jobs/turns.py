"""Who is next: the one statement by which a worker takes calls, lane by lane and person by person."""

from sqlalchemy import text

# People take turns within a lane: who has less running and claimed comes first, then age decides. What the claim
# reads is bounded by the lanes' room, not by the length of their queues (docs/decisions, "claims by lane").
CLAIM = text("""
WITH RECURSIVE queues AS (
  (SELECT lane, user_id FROM calls WHERE state = 'queued' AND reference IS NULL ORDER BY lane, user_id LIMIT 1)
  UNION ALL
  SELECT following.lane, following.user_id FROM queues CROSS JOIN LATERAL (
    SELECT lane, user_id FROM calls
    WHERE state = 'queued' AND reference IS NULL AND (lane, user_id) > (queues.lane, queues.user_id)
    ORDER BY lane, user_id LIMIT 1) AS following
), resumed AS (
  SELECT id, lane, user_id, created_at FROM calls
  WHERE state = 'queued' AND reference IS NOT NULL AND not_before <= clock_timestamp()
  ORDER BY not_before LIMIT :capacity
), taken AS (
  SELECT lane, user_id, intent_at FROM calls WHERE state = 'running'
  UNION ALL SELECT lane, user_id, '-infinity' FROM resumed
), shares AS (
  SELECT lane, user_id, count(*) AS mine FROM taken GROUP BY lane, user_id
), rooms AS (
  SELECT used.lane, CASE
    WHEN rests_until > clock_timestamp() OR paused_until > clock_timestamp() THEN 0
    WHEN tripped_at IS NOT NULL THEN 1 - (
      SELECT count(*) FROM taken
      WHERE taken.lane = used.lane AND (intent_at IS NULL OR intent_at > lanes.tripped_at))
    ELSE least(room, coalesce((CAST(:limits AS jsonb) ->> split_part(used.lane, '/', 1))::int, :other_limit)) - (
      SELECT count(*) FROM taken WHERE taken.lane = used.lane)
  END AS free
  FROM (SELECT DISTINCT lane FROM queues) AS used LEFT JOIN lanes ON lanes.lane = used.lane
), turns AS (
  SELECT next.id, queues.lane, free, next.created_at,
         coalesce(mine, 0) + row_number() OVER (
           PARTITION BY queues.lane, queues.user_id ORDER BY next.created_at, next.id) AS turn
  FROM queues JOIN rooms ON rooms.lane = queues.lane AND free > 0
  LEFT JOIN shares ON shares.lane = queues.lane AND shares.user_id = queues.user_id
  CROSS JOIN LATERAL (
    SELECT id, created_at FROM calls
    WHERE state = 'queued' AND reference IS NULL AND calls.lane = queues.lane AND calls.user_id = queues.user_id
      AND not_before <= clock_timestamp()
    ORDER BY created_at, id LIMIT least(free, :capacity)) AS next
), places AS (
  SELECT id, free, created_at, row_number() OVER (PARTITION BY lane ORDER BY turn, created_at, id) AS place FROM turns
), picked AS (
  SELECT id FROM (
    SELECT id, 0 AS class, created_at FROM resumed
    UNION ALL SELECT id, 1, created_at FROM places WHERE place <= free) AS ready
  ORDER BY class, created_at, id LIMIT :capacity
), locked AS (
  -- Looked at once more: a person may have cancelled or paused it. Who holds one just now is about to do so; waiting
  -- for them with other calls in hand would be a deadlock.
  SELECT calls.id FROM calls JOIN picked ON picked.id = calls.id
  WHERE state = 'queued' AND not_before <= clock_timestamp() FOR UPDATE OF calls SKIP LOCKED
)
UPDATE calls SET state = 'running', attempt = attempt + 1, worker = :worker,
       claimed_at = coalesce(claimed_at, clock_timestamp()),
       lease_until = clock_timestamp() + :lease
FROM locked WHERE calls.id = locked.id
RETURNING calls.id, job_id, user_id, attempt, kind, provider, model, lane, simulated, key_owner_id, reference,
          request, price_usd_micros, extract(epoch FROM clock_timestamp() - calls.created_at) AS waited
""")
