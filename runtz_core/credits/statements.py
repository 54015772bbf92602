"""The ledger's SQL: every movement of credits is one statement, so that an account is locked for one round trip.

All of them lock a person's `available` before their `held`: the second update joins the first one's result.
"""

from sqlalchemy import text

# Calls ask for holds: one guarded update pays for all of them or for none, and one guarded upsert counts them
# against every daily cap in force. It returns a row for the account, and one for each cap that stood in the way.
RESERVE = text("""
WITH holds AS (
  SELECT hold.id, hold.call_id, hold.amount, hold.place,
         CAST(sum(hold.amount) OVER (ORDER BY hold.place) AS bigint) AS upto
  FROM unnest(CAST(:ids AS uuid[]), CAST(:call_ids AS uuid[]), CAST(:amounts AS bigint[]))
       WITH ORDINALITY AS hold(id, call_id, amount, place)
), total AS (
  SELECT CAST(sum(amount) AS bigint) AS amount, count(*) AS entries FROM holds
), available AS (
  UPDATE accounts SET balance = balance - total.amount, version = version + total.entries FROM total
  WHERE user_id = :user_id AND kind = 'available' AND balance >= total.amount
  RETURNING accounts.id, balance + total.amount AS before, version - total.entries AS versions
), held AS (
  UPDATE accounts SET balance = balance + total.amount, version = version + total.entries FROM total, available
  WHERE user_id = :user_id AND kind = 'held'
  RETURNING accounts.id, balance - total.amount AS before, version - total.entries AS versions
), moved AS (
  INSERT INTO transfers (id, key, purpose, amount, call_id)
  SELECT holds.id, 'reserve:' || call_id, 'reserve', amount, call_id FROM holds, available
), noted AS (
  INSERT INTO entries (transfer_id, account_id, amount, balance, version)
  SELECT holds.id, available.id, -amount, before - upto, versions + place FROM holds, available
  UNION ALL SELECT holds.id, held.id, amount, before + upto, versions + place FROM holds, held
), caps AS (
  SELECT 'all' AS scope, amount, daily_cap AS cap FROM total, house_rules, held
  UNION ALL
  SELECT 'provider:' || provider, asked.amount, daily_cap
  FROM unnest(CAST(:providers AS text[]), CAST(:provider_amounts AS bigint[])) AS asked(provider, amount)
  JOIN provider_caps USING (provider), held
  UNION ALL
  SELECT 'user:' || users.id, amount, coalesce(users.daily_cap, house_rules.person_daily_cap)
  FROM total, house_rules, held, users WHERE users.id = :user_id
), taken AS (
  INSERT INTO spendings (scope, day, credits)
  SELECT scope, :day, amount FROM caps WHERE amount <= cap ORDER BY scope
  ON CONFLICT (scope, day) DO UPDATE SET credits = spendings.credits + excluded.credits
  WHERE spendings.credits + excluded.credits <= (SELECT cap FROM caps WHERE caps.scope = excluded.scope)
  RETURNING scope
)
SELECT '' AS scope, NULL AS cap, NULL AS asked FROM held
UNION ALL
SELECT scope, cap, amount FROM caps WHERE cap IS NOT NULL AND scope NOT IN (SELECT scope FROM taken)
ORDER BY scope
""")

_ENDED = """
WITH asked AS (
  SELECT id, call_id FROM unnest(CAST(:ids AS uuid[]), CAST(:call_ids AS uuid[])) AS asked(id, call_id)
), made AS (
  INSERT INTO transfers (id, key, purpose, amount, call_id)
  SELECT asked.id, 'end:' || asked.call_id, :purpose, hold.amount, asked.call_id
  FROM asked JOIN transfers AS hold ON hold.call_id = asked.call_id AND hold.purpose = 'reserve'
  ORDER BY asked.call_id
  ON CONFLICT DO NOTHING RETURNING id, call_id, amount
), ends AS (
  SELECT id, call_id, amount, row_number() OVER (ORDER BY id) AS place,
         CAST(sum(amount) OVER (ORDER BY id) AS bigint) AS upto FROM made
), total AS (
  SELECT CAST(sum(amount) AS bigint) AS amount, count(*) AS entries FROM ends HAVING count(*) > 0
)"""

# A picture was delivered: from the person's hold to the installation's revenue.
SETTLE = text(f"""{_ENDED}, held AS (
  UPDATE accounts SET balance = balance - total.amount, version = version + total.entries FROM total
  WHERE user_id = :user_id AND kind = 'held'
  RETURNING accounts.id, balance + total.amount AS before, version - total.entries AS versions
), noted AS (
  INSERT INTO entries (transfer_id, account_id, amount, balance, version)
  SELECT ends.id, held.id, -amount, before - upto, versions + place FROM ends, held
  UNION ALL SELECT ends.id, CAST(:revenue AS uuid), amount, NULL, NULL FROM ends, held
)
SELECT ends.call_id, ends.amount, (SELECT count(*) FROM held) AS kept FROM ends
""")  # noqa: S608 (two constants of this file)

# Any other end: the hold goes back where it came from.
RELEASE = text(f"""{_ENDED}, available AS (
  UPDATE accounts SET balance = balance + total.amount, version = version + total.entries FROM total
  WHERE user_id = :user_id AND kind = 'available'
  RETURNING accounts.id, balance - total.amount AS before, version - total.entries AS versions
), held AS (
  UPDATE accounts SET balance = balance - total.amount, version = version + total.entries FROM total, available
  WHERE user_id = :user_id AND kind = 'held'
  RETURNING accounts.id, balance + total.amount AS before, version - total.entries AS versions
), noted AS (
  INSERT INTO entries (transfer_id, account_id, amount, balance, version)
  SELECT ends.id, held.id, -amount, before - upto, versions + place FROM ends, held
  UNION ALL SELECT ends.id, available.id, amount, before + upto, versions + place FROM ends, available
)
SELECT ends.call_id, ends.amount, (SELECT count(*) FROM held) AS kept FROM ends
""")  # noqa: S608

# Between the installation and what a person can spend; `amount` is signed, from the person's side.
MOVE = text("""
WITH made AS (
  INSERT INTO transfers (id, key, purpose, amount, call_id, reason)
  VALUES (:id, :key, :purpose, abs(CAST(:amount AS bigint)), :call_id, :reason)
  ON CONFLICT DO NOTHING RETURNING id
), available AS (
  UPDATE accounts SET balance = balance + CAST(:amount AS bigint), version = version + 1 FROM made
  WHERE user_id = :user_id AND kind = 'available'
  RETURNING accounts.id, balance, version
), noted AS (
  INSERT INTO entries (transfer_id, account_id, amount, balance, version)
  SELECT made.id, available.id, CAST(:amount AS bigint), balance, version FROM made, available
  UNION ALL SELECT made.id, CAST(:installation AS uuid), -CAST(:amount AS bigint), NULL, NULL
  FROM made, available
)
SELECT (SELECT count(*) FROM made) AS made, (SELECT count(*) FROM available) AS moved
""")
