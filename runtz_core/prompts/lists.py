"""Word lists: what `__name__` stands for. Some come with the product; one's own go before those of the same name."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.prompts.models import WordList
from runtz_core.prompts.wildcards import Lists

BUILT_IN: Mapping[str, Sequence[str]] = {
    "animals": ("cat", "fox", "owl", "horse", "octopus", "hummingbird", "wolf", "tortoise"),
    "artists-medium": ("oil on canvas", "watercolour", "ink wash", "gouache", "charcoal", "linocut", "pastel"),
    "cameras": ("35 mm film", "medium format", "large format", "pinhole", "macro lens", "telephoto lens"),
    "colours": ("crimson", "ochre", "emerald", "teal", "ultramarine", "violet", "ivory", "charcoal black"),
    "lights": ("golden hour", "blue hour", "overcast", "hard noon sun", "candlelight", "neon", "moonlight"),
    "places": ("harbour", "desert", "forest", "rooftop", "subway station", "mountain pass", "greenhouse", "library"),
    "seasons": ("spring", "summer", "autumn", "winter"),
    "weather": ("rain", "fog", "snow", "clear sky", "storm", "haze"),
}  # fmt: skip

MOST_LISTS = 200
MOST_WORDS = 1000
WORD_CHARS = 500

_NAME = re.compile(r"[\w-]{1,60}")


class ListRefused(ValueError):
    """The list cannot be kept as it is; the text is a sentence for the person who wrote it."""


def own(session: Session, user_id: UUID) -> dict[str, list[str]]:
    """A person's own lists by name."""
    rows = session.execute(
        select(col(WordList.name), col(WordList.words))
        .where(col(WordList.user_id) == user_id)
        .order_by(col(WordList.name))
    )
    return {row.name: list(row.words) for row in rows}


def known(session: Session, user_id: UUID) -> Lists:
    """Every list this person's wildcards can name."""
    return {**BUILT_IN, **own(session, user_id)}


def save(session: Session, user_id: UUID, name: str, words: Sequence[str]) -> None:
    """Keep a list under its name, in place of an earlier one. Raises ListRefused."""
    named = name.strip().strip("_").casefold()
    if not _NAME.fullmatch(named) or "__" in named:
        raise ListRefused("Name the list with letters, digits and single dashes, 60 at most.")
    kept = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not kept:
        raise ListRefused("Write some words, one on each line.")
    if len(kept) > MOST_WORDS or any(len(word) > WORD_CHARS for word in kept):
        raise ListRefused(f"A list takes {MOST_WORDS:,} lines of {WORD_CHARS} characters.")
    if any(sign in word for word in kept for sign in "{}\x00"):
        raise ListRefused("Words of a list hold no { or }.")
    mine = own(session, user_id)
    if named not in mine and len(mine) >= MOST_LISTS:
        raise ListRefused(f"That would be more than {MOST_LISTS} lists; delete one first.")
    session.execute(
        upsert(WordList)
        .values(id=new_id(), user_id=user_id, name=named, words=kept)
        .on_conflict_do_update(
            index_elements=["user_id", "name"], set_={"words": kept, "updated_at": func.clock_timestamp()}
        )
    )


def remove(session: Session, user_id: UUID, name: str) -> bool:
    """Forget a list of one's own; False when there was none."""
    gone = session.execute(
        delete(WordList)
        .where(col(WordList.user_id) == user_id, col(WordList.name) == name.casefold())
        .returning(col(WordList.id))
    )
    return gone.first() is not None
