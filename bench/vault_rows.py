"""A hundred thousand or a million pictures of one person, entered by SQL: the rows are real, the files shared.

Every row is what the product's own triggers would have written: the same functions make terms, keys and search
vectors. Only the triggers' row by row work is replaced by one statement for many rows, and the terms of pictures that
differ in nothing a filter sees are made once.
"""

import hashlib
import io
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from runtz_core.images.decode_child import look
from runtz_core.images.store import LARGE, SMALL, BlobStore
from runtz_core.settings import Limits
from runtz_sim.art.picture import draw

FILES = 48  # different pictures; all others share their bytes
BATCH = 50_000
MONTHS = 36
SIZES = ((512, 512), (640, 426), (426, 640), (640, 360), (360, 640), (600, 450))
MODELS = (
    ("openai", "gpt-image-2.6-flare", 40), ("gemini", "gemini-nano-banana-2.1", 39), ("ideogram", "ideogram-4-5", 60),
    ("flux", "flux-2-pro", 30),
)  # fmt: skip
SUBJECTS = (
    "night harbour", "aurora over a frozen lake", "dunes at dusk", "ringed planet", "neon corridor", "tall forest",
    "ink wash mountains", "dahlia from above", "glass spheres", "old lighthouse", "market street", "paper boats",
)  # fmt: skip
# Shares of all prompts: common words in a fifth to a third, middling ones in one of a hundred each.
COMMON = ("light", "soft shadows", "cinematic", "detailed")
_SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ren",
    "sol",
    "tur",
    "ves",
    "ora",
    "pim",
    "dax",
    "fen",
    "gul",
    "har",
    "ily",
    "jon",
    "quo",
)
MIDDLING = tuple("".join(parts) for parts in itertools.islice(itertools.product(_SYLLABLES, repeat=2), 100))
RARE = tuple("".join(parts) for parts in itertools.islice(itertools.product(_SYLLABLES, repeat=4), 20_000))
TAGS = (
    "shortlist",
    "night",
    "fog",
    "poster",
    "portrait",
    "ink",
    "client",
    "print",
    "cover",
    "draft",
    "blue hour",
    "test",
)
COLLECTIONS = ("Harbour campaign", "Book covers", "Two suns", "Client: Vela", "Wallpapers", "Mood: winter")


@dataclass(frozen=True, kw_only=True)
class Files:
    """One drawn picture as the decoder saw it."""

    sha256: str
    size: int
    width: int
    height: int
    traits: dict[str, Any]


def draw_files(root: Path, count: int = FILES) -> list[Files]:
    """Draw and store the pictures that all rows share."""
    store = BlobStore(root)
    return [_file(store, number) for number in range(count)]


def _file(store: BlobStore, number: int) -> Files:
    width, height = SIZES[number % len(SIZES)]
    _, model, _ = MODELS[number % len(MODELS)]
    picture = draw(
        prompt=SUBJECTS[number % len(SUBJECTS)],
        model=model,
        seed=number,
        width=width,
        height=height,
        fast=True,
    )
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG")
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    original = store.original(sha256, "image/png")
    original.parent.mkdir(parents=True, exist_ok=True)
    original.write_bytes(data)
    asked = {
        "path": str(original), "format": "PNG", "max_pixels": Limits().image_pixels, "widths": (SMALL, LARGE),
        "thumbhash": True,
    }  # fmt: skip
    seen, thumbnails = look(asked)
    for name, thumb in zip((LARGE, SMALL), thumbnails, strict=True):
        path = store.thumbnail(sha256, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(thumb)
    return Files(sha256=sha256, size=len(data), width=seen["width"], height=seen["height"], traits=seen)


_QUIET = (
    "ALTER TABLE jobs {state} TRIGGER USER",
    "ALTER TABLE calls {state} TRIGGER USER",
    "ALTER TABLE images {state} TRIGGER USER",
    "ALTER TABLE vault_items {state} TRIGGER prepare",
    "ALTER TABLE vault_items {state} TRIGGER tally_insert",
)
# Inverted indexes are quicker made at the end than kept up row by row.
_INDEXES = {
    "vault_keys": "CREATE INDEX vault_keys ON vault_items USING gin (keys) WITH (fastupdate = off)",
    "vault_search": "CREATE INDEX vault_search ON vault_items USING gin (search) WITH (fastupdate = off)",
}

_ROWS = """
CREATE TEMP TABLE made AS
SELECT *, concat_ws('|', place, simulated, rating, kept, tag_ids, collection_ids) AS kind,
  CASE WHEN simulated THEN 0 ELSE credits * 1000 END AS usd_micros
FROM (SELECT uuidv7(at - clock_timestamp()) AS image_id, uuidv7(at - clock_timestamp()) AS call_id,
  uuidv7(at - clock_timestamp()) AS job_id, at, files.*, (%(models)s::text[])[1 + (one %% 4)] AS model,
  (%(providers)s::text[])[1 + (one %% 4)] AS provider, (%(credits)s::int[])[1 + (one %% 4)] AS credits,
  random() < 0.2 AS kept, random() < 0.3 AS simulated,
  CASE WHEN random() < 0.1 THEN 1 + floor(random() * 5)::int END AS rating,
  concat_ws(', ', (%(subjects)s::text[])[1 + floor(random() * %(n_subjects)s)::int],
    CASE WHEN random() < 0.33 THEN (%(common)s::text[])[1] END,
    CASE WHEN random() < 0.25 THEN (%(common)s::text[])[2] END,
    CASE WHEN random() < 0.20 THEN (%(common)s::text[])[3] END,
    CASE WHEN random() < 0.20 THEN (%(common)s::text[])[4] END,
    (%(middling)s::text[])[1 + floor(random() * 100)::int],
    CASE WHEN random() < 0.3 THEN (%(rare)s::text[])[1 + floor(random() * %(n_rare)s)::int] END) AS prompt,
  CASE WHEN random() < 0.25 THEN ARRAY[(%(tags)s::uuid[])[1 + floor(power(random(), 2) * 12)::int]]
       ELSE '{}'::uuid[] END AS tag_ids,
  CASE WHEN random() < 0.12 THEN ARRAY[(%(collections)s::uuid[])[1 + floor(random() * 6)::int]]
       ELSE '{}'::uuid[] END AS collection_ids
FROM (SELECT one, now() - %(start)s::interval + one * %(step)s::interval AS at
      FROM generate_series(%(first)s::int, %(last)s::int) AS one) AS numbers
JOIN bench_files AS files ON files.place = numbers.one %% %(n_files)s) AS drawn
"""
_KINDS = "CREATE TEMP TABLE kinds (kind text PRIMARY KEY, terms text[], keys bigint[])"
_ENTER = (
    """INSERT INTO kinds
       SELECT kind, terms, ARRAY(SELECT vault_key(%(user_id)s, term) FROM unnest(
         terms || CASE WHEN kept THEN ARRAY['k:'] ELSE '{}' END) AS term)
       FROM (SELECT DISTINCT ON (kind) * FROM made) AS one
       CROSS JOIN LATERAL (SELECT vault_terms(provider, model, 'generated', simulated, false, width, height, credits,
         rating, colours, tag_ids, collection_ids) AS terms) AS said
       ON CONFLICT DO NOTHING""",
    """INSERT INTO jobs (id, user_id, submission_key, prompt, ratio, samples, models, created_at)
       SELECT job_id, %(user_id)s, job_id::text, prompt, '1:1', 1, '[]', at FROM made""",
    """INSERT INTO calls (id, job_id, user_id, kind, position, sample, provider, model, tier, simulated, lane, request,
         state, attempt, report, credits, price_usd_micros, markup_basis_points, cost_usd_micros, created_at,
         finished_at)
       SELECT call_id, job_id, %(user_id)s, 'generate', 0, 0, provider, model, '', simulated, provider,
         jsonb_build_object('prompt', prompt), 'succeeded', 1, '{}', credits, credits * 1000, 10000, usd_micros, at, at
       FROM made""",
    """INSERT INTO images (id, user_id, call_id, sha256, width, height, kept, thumbhash, created_at)
       SELECT image_id, %(user_id)s, call_id, sha256, width, height, kept, thumbhash, at FROM made""",
    """INSERT INTO vault_items (image_id, user_id, created_at, kept, width, height, job_id, provider, model, origin,
         simulated, credits, usd_micros, rating, tag_ids, collection_ids, colours, palette, perceptual_hash, looked_at,
         keys, search)
       SELECT image_id, %(user_id)s, at, kept, width, height, job_id, provider, model, 'generated', simulated, credits,
         usd_micros, rating, tag_ids, collection_ids, colours, palette, seen.hash, at,
         kinds.keys || ARRAY(SELECT vault_key(%(user_id)s, term) FROM unnest(vault_bands(seen.hash)) AS term),
         to_tsvector('english', concat_ws(' ', '', '', provider, translate(model, '-_/', '   '), prompt))
       FROM made JOIN kinds USING (kind)
       CROSS JOIN LATERAL (SELECT perceptual_hash # (1::bigint << floor(random() * 63)::int)
         # (1::bigint << floor(random() * 63)::int) AS hash) AS seen
       ORDER BY at""",
    """INSERT INTO vault_tallies (user_id, scope, term, pictures, credits, usd_micros)
       SELECT %(user_id)s, scope, term, sum(n), sum(alike.credits), sum(alike.usd_micros)
       FROM (SELECT kind, kept, provider, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS n,
               sum(credits) AS credits, sum(usd_micros) AS usd_micros
             FROM made GROUP BY kind, kept, provider, month) AS alike JOIN kinds USING (kind)
       CROSS JOIN LATERAL unnest(CASE WHEN kept THEN ARRAY['all', 'kept'] ELSE ARRAY['all'] END) AS scope
       CROSS JOIN LATERAL unnest(terms || ARRAY['', 'd:' || month, 'y:' || month || ':' || provider]) AS term
       GROUP BY scope, term""",
)


def fill(url: str, user_id: UUID, count: int, files: list[Files]) -> Iterator[int]:
    """Enter pictures for this person as the owner of the tables; yields how many are there after each batch."""
    with psycopg.connect(url, autocommit=True) as connection:
        _share(connection, files)
        asked = _values(connection, user_id, count, len(files))
        for statement in (*_QUIET, *(f"DROP INDEX {name}" for name in _INDEXES)):
            connection.execute(statement.format(state="DISABLE"))
        connection.execute(_KINDS)
        connection.execute("SELECT setseed(0.5)")
        for first in range(0, count, BATCH):
            last = min(first + BATCH, count) - 1
            connection.execute(_ROWS, asked | {"first": first, "last": last})
            for statement in _ENTER:
                connection.execute(statement, {"user_id": user_id})
            connection.execute("DROP TABLE made")
            yield last + 1
        connection.execute("SET maintenance_work_mem = '256MB'")
        for statement in (*_INDEXES.values(), *(line.format(state="ENABLE") for line in _QUIET)):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO vault_words (user_id, word) SELECT %s, word FROM unnest(%s::text[]) AS word "
            "ON CONFLICT DO NOTHING",
            (
                user_id,
                sorted({word for text in (*SUBJECTS, *COMMON, *MIDDLING, *RARE) for word in text.split()}),
            ),
        )
        connection.execute("VACUUM ANALYZE")


def _share(connection: psycopg.Connection, files: list[Files]) -> None:
    connection.execute(
        "CREATE TEMP TABLE bench_files (place int, sha256 text, width int, height int, thumbhash text, colours text[], "
        "palette text[], perceptual_hash bigint)"
    )
    for place, file in enumerate(files):
        connection.execute(
            "INSERT INTO blobs (sha256, size, media_type, width, height) VALUES (%s, %s, 'image/png', %s, %s) "
            "ON CONFLICT DO NOTHING",
            (file.sha256, file.size, file.width, file.height),
        )
        traits = file.traits
        connection.execute(
            "INSERT INTO bench_files VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                place, file.sha256, file.width, file.height, traits["thumbhash"], traits["colours"], traits["palette"],
                traits["perceptual_hash"],
            ),
        )  # fmt: skip


def _values(connection: psycopg.Connection, user_id: UUID, count: int, files: int) -> dict[str, Any]:
    named = {
        table: [
            row[0]
            for name in names
            for row in connection.execute(
                f"INSERT INTO {table} (id, user_id, name) VALUES (uuidv7(), %s, %s) RETURNING id",  # noqa: S608
                (user_id, name),
            )
        ]
        for table, names in (("tags", TAGS), ("collections", COLLECTIONS))
    }
    rare = list(RARE)
    random.Random(5).shuffle(rare)
    return {
        "models": [model for _, model, _ in MODELS], "providers": [provider for provider, _, _ in MODELS],
        "credits": [credits for _, _, credits in MODELS], "subjects": list(SUBJECTS), "n_subjects": len(SUBJECTS),
        "common": list(COMMON), "middling": list(MIDDLING), "rare": rare, "n_rare": len(rare), **named,
        "start": f"{MONTHS * 30} days", "step": f"{MONTHS * 30 * 86400 / count:.6f} seconds", "n_files": files,
    }  # fmt: skip
