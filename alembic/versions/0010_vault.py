"""The vault: one searchable row for each picture, kept by triggers; tags, collections, tallies and known words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A term of one person as a number: a short array of them is all that filters look at, and no other person's
# pictures are ever among the hits. MD5 is a hash here that Python and every version of Postgres agree on.
KEY = """
CREATE FUNCTION vault_key(person uuid, term text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT ('x' || substr(md5(person::text || term), 1, 16))::bit(64)::bigint $$
"""

# The nearest name within 4 %: vendors round to multiples of 8 or 16 pixels.
RATIO = """
CREATE FUNCTION vault_ratio(width integer, height integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT coalesce(
  (SELECT name FROM (VALUES ('1:1', 1.0), ('5:4', 5/4.0), ('4:3', 4/3.0), ('3:2', 3/2.0), ('16:9', 16/9.0),
     ('21:9', 21/9.0), ('4:5', 4/5.0), ('3:4', 3/4.0), ('2:3', 2/3.0), ('9:16', 9/16.0)) AS known (name, ratio)
   WHERE abs(width::numeric / height / ratio - 1) < 0.04 ORDER BY abs(width::numeric / height / ratio - 1) LIMIT 1),
  CASE WHEN width > height THEN 'wide' ELSE 'tall' END)
$$
"""

# What a picture can be filtered by, as short texts: kind, colon, value. runtz_core.vault.terms writes the same.
TERMS = """
CREATE FUNCTION vault_terms(
  provider text, model text, origin text, simulated boolean, damaged boolean, width integer, height integer,
  credits integer, rating integer, colours text[], tags uuid[], collections uuid[]
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT array_remove(ARRAY[
    'p:' || provider, 'm:' || model, 'o:' || origin, 'r:' || vault_ratio(width, height),
    'b:' || CASE WHEN credits = 0 THEN 'free' WHEN credits <= 25 THEN '25' WHEN credits <= 50 THEN '50'
                 WHEN credits <= 100 THEN '100' WHEN credits <= 200 THEN '200' ELSE 'more' END,
    'a:' || coalesce(rating, 0),
    CASE WHEN simulated THEN 's:simulated' END, CASE WHEN damaged THEN 's:damaged' END,
    CASE WHEN tags = '{}' THEN 's:untagged' END, CASE WHEN collections = '{}' THEN 's:loose' END], NULL)
  || ARRAY(SELECT 'c:' || colour FROM unnest(colours) AS colour)
  || ARRAY(SELECT 't:' || tag FROM unnest(tags) AS tag)
  || ARRAY(SELECT 'g:' || collection FROM unnest(collections) AS collection)
$$
"""

# Four pieces of a perceptual hash: two hashes that differ in at most three bits share a piece.
BANDS = """
CREATE FUNCTION vault_bands(hash bigint) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT ARRAY(SELECT 'h' || band || ':' || ((hash >> (16 * band)) & 65535) FROM generate_series(0, 3) AS band)
$$
"""

SEARCH = """
CREATE FUNCTION vault_search(picture uuid, title text, notes text, provider text, model text) RETURNS tsvector
LANGUAGE sql STABLE AS $$
SELECT to_tsvector('english', concat_ws(' ', title, notes, provider, translate(model, '-_/', '   '), (
  SELECT concat_ws(' ', jobs.prompt, nullif(calls.request ->> 'prompt', jobs.prompt))
  FROM images JOIN calls ON calls.id = images.call_id LEFT JOIN jobs ON jobs.id = calls.job_id
  WHERE images.id = picture)))
$$
"""

PREPARE = """
CREATE FUNCTION vault_prepare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.keys := ARRAY(SELECT vault_key(NEW.user_id, term) FROM unnest(
    vault_terms(NEW.provider, NEW.model, NEW.origin, NEW.simulated, NEW.damaged, NEW.width, NEW.height, NEW.credits,
                NEW.rating, NEW.colours, NEW.tag_ids, NEW.collection_ids)
    || coalesce(vault_bands(NEW.perceptual_hash), '{}')
    || CASE WHEN NEW.kept THEN ARRAY['k:'] ELSE '{}' END) AS term);
  IF TG_OP = 'INSERT' OR (NEW.title, NEW.notes) IS DISTINCT FROM (OLD.title, OLD.notes) THEN
    NEW.search := vault_search(NEW.image_id, NEW.title, NEW.notes, NEW.provider, NEW.model);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER prepare BEFORE INSERT OR UPDATE ON vault_items FOR EACH ROW EXECUTE FUNCTION vault_prepare()
"""

# Counts for the rail, as differences that are only ever added: two workers never wait for each other's row.
# Whoever reads them folds them together now and then (runtz_core.vault.tallies).
TALLY = """
CREATE FUNCTION vault_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO vault_tallies (user_id, scope, term, pictures, credits, usd_micros)
  SELECT user_id, scope, term, sum(n), sum(n * credits), sum(n * usd_micros)
  FROM ({rows}) AS changed
  CROSS JOIN LATERAL unnest(CASE WHEN deleted_at IS NOT NULL THEN ARRAY['trash']
                                 WHEN kept THEN ARRAY['all', 'kept'] ELSE ARRAY['all'] END) AS scope
  CROSS JOIN LATERAL unnest(CASE WHEN scope = 'trash' THEN ARRAY[''] ELSE
    ARRAY['', 'd:' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM'),
          'y:' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM') || ':' || coalesce(provider, origin)]
    || vault_terms(provider, model, origin, simulated, damaged, width, height, credits, rating, colours, tag_ids,
                   collection_ids) END) AS term
  GROUP BY user_id, scope, term HAVING sum(n) <> 0 OR sum(n * credits) <> 0 OR sum(n * usd_micros) <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_{name} AFTER {event} ON vault_items REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION vault_tally_{name}()
"""
NEW_ROWS = "SELECT 1 AS n, * FROM new_rows"
OLD_ROWS = "SELECT -1 AS n, * FROM old_rows"
TALLIES = (
    {"name": "insert", "event": "INSERT", "rows": NEW_ROWS, "tables": "NEW TABLE AS new_rows"},
    {"name": "delete", "event": "DELETE", "rows": OLD_ROWS, "tables": "OLD TABLE AS old_rows"},
    {
        "name": "update",
        "event": "UPDATE",
        "rows": f"{NEW_ROWS} UNION ALL {OLD_ROWS}",
        "tables": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    },
)

# `origin` of a picture is read through JSON: that column of images is of a later step.
ENTER = """
INSERT INTO vault_items (
  image_id, user_id, created_at, kept, deleted_at, width, height, damaged, job_id, provider, model, origin,
  simulated, credits, usd_micros)
SELECT entered.id, entered.user_id, entered.created_at, entered.kept, entered.deleted_at, entered.width,
  entered.height, EXISTS (SELECT FROM blobs WHERE blobs.sha256 = entered.sha256 AND damage IS NOT NULL), calls.job_id, calls.provider, calls.model,
  coalesce(to_jsonb(entered) ->> 'origin', CASE WHEN calls.id IS NULL THEN 'uploaded' ELSE 'generated' END),
  coalesce(calls.simulated, false), coalesce(calls.credits, 0), coalesce(calls.cost_usd_micros, 0)
FROM {source} AS entered LEFT JOIN calls ON calls.id = entered.call_id
"""

FOLLOW = """
CREATE FUNCTION vault_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {enter};
  RETURN NULL;
END $$;
CREATE TRIGGER vault_enter AFTER INSERT ON images REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION vault_enter();

CREATE FUNCTION vault_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE vault_items SET kept = new_rows.kept, deleted_at = new_rows.deleted_at
  FROM new_rows
  WHERE vault_items.image_id = new_rows.id
    AND (vault_items.kept, vault_items.deleted_at) IS DISTINCT FROM (new_rows.kept, new_rows.deleted_at);
  RETURN NULL;
END $$;
CREATE TRIGGER vault_follow AFTER UPDATE ON images REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION vault_follow();

CREATE FUNCTION vault_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE vault_items SET usd_micros = coalesce(NEW.cost_usd_micros, 0)
  FROM images
  WHERE images.call_id = NEW.id AND vault_items.image_id = images.id
    AND vault_items.usd_micros <> coalesce(NEW.cost_usd_micros, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER vault_cost AFTER UPDATE OF cost_usd_micros ON calls FOR EACH ROW
WHEN (NEW.cost_usd_micros IS DISTINCT FROM OLD.cost_usd_micros) EXECUTE FUNCTION vault_cost();

CREATE FUNCTION vault_damage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE vault_items SET damaged = NEW.damage IS NOT NULL
  FROM images WHERE images.sha256 = NEW.sha256 AND vault_items.image_id = images.id;
  RETURN NULL;
END $$;
CREATE TRIGGER vault_damage AFTER UPDATE OF damage ON blobs FOR EACH ROW
WHEN ((NEW.damage IS NULL) <> (OLD.damage IS NULL)) EXECUTE FUNCTION vault_damage()
"""

NOW = {"server_default": sa.text("clock_timestamp()"), "nullable": False}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for statement in (KEY, RATIO, TERMS, BANDS, SEARCH):
        op.execute(statement)
    _items()
    _around()
    op.execute(PREPARE)
    for tally in TALLIES:
        op.execute(TALLY.format(**tally))
    op.execute(FOLLOW.format(enter=ENTER.format(source="new_rows")))
    op.execute(ENTER.format(source="images"))


def _items() -> None:
    op.create_table(
        "vault_items",
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), **NOW),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("damaged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("usd_micros", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("tag_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("collection_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("colours", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("palette", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("perceptual_hash", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), server_default="", nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_known"),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("image_id"),
    )
    newest = ["user_id", "created_at", "image_id"]
    for name, condition in (
        ("vault_newest", "deleted_at IS NULL"),
        ("vault_kept", "kept AND deleted_at IS NULL"),
        ("vault_trash", "deleted_at IS NOT NULL"),
    ):
        op.create_index(name, "vault_items", newest, unique=False, postgresql_where=sa.text(condition))
    for column in ("keys", "search"):
        # Without its waiting list a GIN index is slower to write and equally quick at every read.
        op.create_index(
            f"vault_{column}", "vault_items", [column], unique=False, postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )  # fmt: skip
    op.create_index(
        "vault_unseen",
        "vault_items",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("looked_at IS NULL"),
    )


def _around() -> None:
    for table in ("tags", "collections"):
        cover = [sa.Column("cover_id", sa.Uuid(), nullable=True)] if table == "collections" else []
        covered = [sa.ForeignKeyConstraint(["cover_id"], ["images.id"], ondelete="SET NULL") for _ in cover]
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("user_id", sa.Uuid(), nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            *cover,
            sa.Column("created_at", sa.DateTime(timezone=True), **NOW),
            sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
            *covered,
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"{table}_by_name", table, ["user_id", sa.literal_column("lower(name)")], unique=True)
    op.create_index("collections_by_cover", "collections", ["cover_id"], unique=False)
    op.create_table(
        "vault_tallies",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("pictures", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("usd_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("tallies_of_person", "vault_tallies", ["user_id"], unique=False)
    op.create_table(
        "vault_words",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("user_id", "word"),
    )
    op.create_index(
        "vault_words_alike", "vault_words", ["word"], unique=False, postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )  # fmt: skip
    op.create_table(
        "erased_images",
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), **NOW),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("image_id"),
        sa.UniqueConstraint("call_id"),
    )
