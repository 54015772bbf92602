"""What people type into the search: words, "phrases", -not, and the words they meant when they misspelt them."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.vault.terms import key

MOST_TOKENS = 12
LEAST_PREFIX = 3  # letters of an unfinished last word
ALIKE = 0.3  # trigram similarity from which a known word is taken for the one meant
LONGEST = 40  # letters of a word worth knowing

_TOKEN = re.compile(r'(-?)"([^"]+)"|(-?)([^\s"]+)')
_WORD = re.compile(r"[^\W_]{3,40}")

# A word, or a tag of that name: so a renamed tag needs no picture's row to be written.
_UNDERSTOOD = text("""
SELECT asked.place, query::text AS query, numnode(query) AS size,
  ARRAY(SELECT id FROM tags WHERE user_id = :user_id AND to_tsvector('english', tags.name) @@ query) AS tags
FROM unnest(CAST(:words AS text[]), CAST(:prefixes AS text[])) WITH ORDINALITY AS asked (words, prefix, place)
CROSS JOIN LATERAL (SELECT CASE WHEN prefix <> '' THEN to_tsquery('english', quote_literal(prefix) || ':*')
  ELSE phraseto_tsquery('english', words) END AS query) AS made
ORDER BY asked.place
""")

_KNOWN = text("""
SELECT word FROM vault_words WHERE user_id = :user_id AND (word = :word OR starts_with(word, :word)) LIMIT 1
""")
_ALIKE = text("""
SELECT word FROM vault_words WHERE user_id = :user_id AND word % :word
ORDER BY similarity(word, :word) DESC, word LIMIT 1
""")

_LEARN = text("""
INSERT INTO vault_words (user_id, word)
SELECT :user_id, word FROM unnest(CAST(:words AS text[])) AS word ORDER BY word
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One thing typed."""

    words: str
    wanted: bool
    phrase: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A condition on rows of vault_items named `item`, with its parameters."""

    sql: str
    values: dict[str, Any]


def tokens(written: str) -> list[Token]:
    """What was typed, thing by thing; more than twelve are not looked at."""
    found = []
    for no_phrase, phrase, no_word, word in _TOKEN.findall(written)[:MOST_TOKENS]:
        words = phrase or word
        found.append(Token(words=words, wanted=not (no_phrase or no_word), phrase=bool(phrase)))
    return found


def clause(session: Session, user_id: UUID, written: str) -> Clause | None:
    """The condition for what was typed; None when it says nothing (only "the", only signs)."""
    asked = tokens(written)
    if not asked:
        return None
    prefixes = [""] * len(asked)
    if _unfinished(written, asked[-1]):
        prefixes[-1] = asked[-1].words
    rows = session.execute(
        _UNDERSTOOD,
        {"user_id": user_id, "words": [token.words for token in asked], "prefixes": prefixes},
    ).all()
    plain: list[str] = []
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for token, row in zip(asked, rows, strict=True):
        if row.size == 0:
            continue
        if not row.tags:
            plain.append(f"({row.query})" if token.wanted else f"!({row.query})")
            continue
        place = len(values)
        values[f"word_{place}"] = row.query
        values[f"tagged_{place}"] = [key(user_id, f"t:{tag}") for tag in row.tags]
        condition = (
            f"(item.search @@ CAST(:word_{place} AS tsquery) "
            f"OR item.keys && CAST(:tagged_{place} AS bigint[]))"
        )
        conditions.append(condition if token.wanted else f"NOT {condition}")
    if plain:
        values["words"] = " & ".join(plain)
        conditions.insert(0, "item.search @@ CAST(:words AS tsquery)")
    return Clause(sql=" AND ".join(conditions), values=values) if conditions else None


def _unfinished(written: str, last: Token) -> bool:
    """Whether the last word may go on: it ends the text, is no phrase, and long enough to mean something."""
    return (
        last.wanted
        and not last.phrase
        and written.endswith(last.words)
        and len(last.words) >= LEAST_PREFIX
        and _WORD.fullmatch(last.words) is not None
    )


def corrected(session: Session, user_id: UUID, written: str) -> str | None:
    """The text with words nobody knows replaced by the most alike known ones; None when nothing changes."""
    session.execute(text(f"SELECT set_config('pg_trgm.similarity_threshold', '{ALIKE}', true)"))
    changed = False
    said = []
    for token in tokens(written):
        meant = token.words
        if token.wanted:
            meant = _WORD.sub(lambda found: _meant(session, user_id, found.group()), token.words)
        changed |= meant != token.words
        quoted = f'"{meant}"' if token.phrase else meant
        said.append(quoted if token.wanted else f"-{quoted}")
    return " ".join(said) if changed else None


def _meant(session: Session, user_id: UUID, word: str) -> str:
    asked = {"user_id": user_id, "word": word.lower()}
    if session.execute(_KNOWN, asked).first() is not None:
        return word
    found = session.execute(_ALIKE, asked).scalar_one_or_none()
    return word if found is None else str(found)


def learn(session: Session, user_id: UUID, *texts: str) -> None:
    """Remember the words of `texts`, so that they can be found misspelt. Call it last in a transaction."""
    found = {word.lower() for one in texts for word in _WORD.findall(one)}
    if found:
        session.execute(_LEARN, {"user_id": user_id, "words": sorted(found)})
