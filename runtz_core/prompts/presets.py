"""Presets: what each asks and adds, mood tags, and the words that are suggested while somebody types."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from runtz_core.db import database_now
from runtz_core.jobs.models import Job
from runtz_core.jobs.service import NotFound
from runtz_core.prompts.models import OwnPreset, SavedPrompt

NAME_CHARS = 60
WORDS_CHARS = 1_000
QUESTIONS = 8
MOST_OWN = 100
PHRASES = 300  # of one's own that are suggested
LAST = 300  # prompts and kept pictures whose words are offered again
LEAST_CHARS, PHRASE_CHARS = 3, 60


class PresetRefused(ValueError):
    """The preset cannot be kept as it is; the text is a sentence for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One guided question. `form` says how an answer stands in the prompt: `wearing {}`."""

    ask: str
    hint: str
    form: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a preset adds to a prompt, and what it asks first."""

    preset_id: str
    name: str
    words: str
    questions: tuple[Question, ...] = ()
    own: bool = False


def _q(ask: str, hint: str, form: str = "{}") -> Question:
    return Question(ask=ask, hint=hint, form=form)


_WHO = _q("Who?", "a woman of forty, short grey hair", "{}")
_WHERE = _q("Where?", "in a bright office with plants", "{}")
_WEARING = _q("Wearing what?", "a navy blazer over a white shirt", "wearing {}")
_MOOD = _q("Which mood?", "confident and warm", "{} mood")

BUILT_IN: tuple[Preset, ...] = (
    Preset(
        preset_id="headshot",
        name="Business headshot",
        words="business headshot, head and shoulders, eyes in sharp focus, soft key light, 85 mm lens",
        questions=(_WHO, _WEARING, _q("Which background?", "soft grey", "{} background"), _MOOD),
    ),
    Preset(
        preset_id="in-action",
        name="Business in action",
        words="candid business photograph, natural window light, shallow depth of field, 35 mm lens",
        questions=(_WHO, _q("Doing what?", "explaining a chart to two colleagues"), _WHERE, _WEARING, _MOOD),
    ),
    Preset(
        preset_id="photorealistic",
        name="Photorealistic",
        words="photorealistic, natural light, true colours, fine texture, full-frame camera, 50 mm lens",
        questions=(
            _q("What?", "an old fishing boat"),
            _q("Where?", "on a pebble beach"),
            _q("When?", "early morning after rain"),
        ),
    ),
    Preset(
        preset_id="artistic",
        name="Artistic",
        words="visible brushwork, considered palette, balanced composition",
        questions=(
            _q("What?", "a crowded night market"),
            _q("In which medium?", "gouache on paper", "{}"),
            _q("Which colours?", "ochre, teal and one red accent", "in {}"),
            _MOOD,
        ),
    ),
    Preset(
        preset_id="cinematic",
        name="Cinematic",
        words="cinematic still, anamorphic lens, motivated light, film grain, wide framing",
        questions=(
            _q("What happens?", "a courier waits under a bridge"),
            _WHERE,
            _q("Which light?", "sodium street lamps in fog", "lit by {}"),
            _MOOD,
        ),
    ),
    Preset(
        preset_id="product",
        name="Product",
        words="product photograph, softbox light, clean reflections, crisp edges, uncluttered background",
        questions=(
            _q("Which product?", "a matt black water bottle"),
            _q("On what?", "a slab of pale stone", "on {}"),
            _q("Seen from where?", "slightly above", "seen from {}"),
            _q("Any text on it?", 'the word "NORD"', "with {} clearly legible"),
        ),
    ),
    Preset(
        preset_id="portrait",
        name="Portrait",
        words="portrait, catchlight in the eyes, gentle falloff, shallow depth of field, 85 mm lens",
        questions=(_WHO, _q("Doing what?", "looking past the camera"), _WHERE, _WEARING, _MOOD),
    ),
    Preset(
        preset_id="landscape",
        name="Landscape",
        words="wide landscape, layered depth, foreground interest, atmospheric perspective, 24 mm lens",
        questions=(
            _q("Which place?", "a fjord with steep green walls"),
            _q("Which season or weather?", "late autumn, clearing storm"),
            _q("Which light?", "low sun through a gap in the clouds", "{}"),
            _q("What stands in front?", "a red boathouse", "{} in the foreground"),
        ),
    ),
)  # fmt: skip

MOODS = (
    "calm", "dreamy", "dramatic", "joyful", "melancholic", "mysterious", "nostalgic", "playful", "serene", "tense",
    "warm", "futuristic",
)  # fmt: skip

SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "subject": (
        "lighthouse", "old harbour", "mountain village", "astronaut", "street musician", "fox in snow", "glass tower",
        "night market", "vintage car", "portrait of a woman", "portrait of a man", "paper boat", "botanical garden",
        "library with ladders", "desert road", "tea ceremony", "sailing ship", "city rooftop", "candle on a windowsill",
    ),
    "style": (
        "watercolour", "oil painting", "ink wash", "gouache", "linocut print", "pencil sketch", "isometric render",
        "low-poly render", "pixel art", "art deco poster", "bauhaus poster", "documentary photograph",
        "minimalist composition", "long exposure", "double exposure", "macro photograph", "aerial view", "film still",
    ),
    "light": (
        "golden hour", "blue hour", "soft window light", "hard noon light", "backlit", "rim light", "candlelight",
        "neon light", "overcast sky", "moonlight", "volumetric light", "softbox light", "long shadows",
    ),
    "detail": (
        "shallow depth of field", "sharp focus", "fine grain", "high contrast", "muted colours", "pastel palette",
        "negative space", "symmetrical composition", "rule of thirds", "wide lens", "85 mm lens", "close-up",
        "reflections on wet ground", "light fog", "intricate texture",
    ),
}  # fmt: skip


def presets(session: Session, user_id: UUID) -> list[Preset]:
    """The ones that come with the product, then one's own by name."""
    rows = session.execute(
        select(OwnPreset).where(col(OwnPreset.user_id) == user_id).order_by(func.lower(col(OwnPreset.name)))
    ).scalars()
    return [*BUILT_IN, *(_shown(row) for row in rows)]


def _shown(row: OwnPreset) -> Preset:
    asked = (Question(ask=str(one["ask"]), hint=str(one.get("hint", ""))) for one in row.questions)
    return Preset(preset_id=str(row.id), name=row.name, words=row.words, questions=tuple(asked), own=True)


def save(
    session: Session,
    user_id: UUID,
    name: str,
    words: str,
    questions: Sequence[tuple[str, str]],
    *,
    preset_id: UUID | None = None,
) -> UUID:
    """Keep a preset of one's own, a new one or in place of `preset_id`. Raises PresetRefused, NotFound."""
    row = (
        OwnPreset(user_id=user_id, name="", words="", questions=[])
        if preset_id is None
        else owned(session, user_id, preset_id)
    )
    named = " ".join(name.split())
    asked = [{"ask": ask.strip(), "hint": hint.strip()} for ask, hint in questions if ask.strip()]
    if not named or len(named) > NAME_CHARS:
        raise PresetRefused(f"Give the preset a name of at most {NAME_CHARS} characters.")
    if not words.strip() and not asked:
        raise PresetRefused("Write what the preset adds, or at least one question.")
    if (
        len(words) > WORDS_CHARS
        or len(asked) > QUESTIONS
        or any(len(one["ask"]) + len(one["hint"]) > 300 for one in asked)
    ):
        raise PresetRefused(f"A preset takes {WORDS_CHARS:,} characters and {QUESTIONS} short questions.")
    if preset_id is None and len(presets(session, user_id)) - len(BUILT_IN) >= MOST_OWN:
        raise PresetRefused(f"That would be more than {MOST_OWN} presets; delete one first.")
    row.name, row.words, row.questions = named, words.strip(), asked
    row.updated_at = database_now(session)
    session.add(row)
    session.flush()
    return row.id


def remove(session: Session, user_id: UUID, preset_id: UUID) -> None:
    """Forget a preset of one's own. Raises NotFound."""
    session.delete(owned(session, user_id, preset_id))
    session.flush()


def owned(session: Session, user_id: UUID, preset_id: UUID) -> OwnPreset:
    """The preset, if it is this person's, locked. Raises NotFound."""
    row = session.get(OwnPreset, preset_id, with_for_update=True, populate_existing=True)
    if row is None or row.user_id != user_id:
        raise NotFound(preset_id)
    return row


# What was kept speaks for its words: they count once more, and so do what it is called, its notes and its tags.
_VAULT = text("""
WITH kept AS (
  SELECT title, notes, tag_ids, job_id FROM vault_items
  WHERE user_id = :user_id AND kept AND deleted_at IS NULL
  ORDER BY created_at DESC, image_id DESC LIMIT :most
)
SELECT title AS words FROM kept WHERE title <> ''
UNION ALL SELECT notes FROM kept WHERE notes <> ''
UNION ALL SELECT jobs.prompt FROM (SELECT DISTINCT job_id FROM kept) AS made JOIN jobs ON jobs.id = made.job_id
UNION ALL SELECT tags.name FROM kept CROSS JOIN unnest(tag_ids) AS tag(id) JOIN tags ON tags.id = tag.id
""")


def phrases(session: Session, user_id: UUID) -> list[str]:
    """Phrases between commas from what this person ran, saved and kept last, the most used first."""
    ran = session.execute(
        select(col(Job.prompt)).where(col(Job.user_id) == user_id).order_by(col(Job.id).desc()).limit(LAST)
    ).scalars()
    saved = session.execute(
        select(col(SavedPrompt.body)).where(col(SavedPrompt.user_id) == user_id).limit(LAST)
    ).scalars()
    kept = session.execute(_VAULT, {"user_id": user_id, "most": LAST}).scalars()
    counted: dict[str, int] = {}
    for words in [*ran, *saved, *kept]:
        for part in re.split(r"[,;\n]|[.!?](?:\s|$)", words):
            phrase = " ".join(part.split()).strip(" .;:")
            if LEAST_CHARS <= len(phrase) <= PHRASE_CHARS and not set(phrase) & set("{}|_"):
                counted[phrase] = counted.get(phrase, 0) + 1
    return sorted(counted, key=lambda phrase: (-counted[phrase], phrase))[:PHRASES]


def panel(session: Session, user_id: UUID) -> dict[str, Any]:
    """All that the composer's panel shows."""
    return {
        "presets": [asdict(preset) for preset in presets(session, user_id)],
        "moods": list(MOODS),
        "suggestions": {kind: list(words) for kind, words in SUGGESTIONS.items()},
        "phrases": phrases(session, user_id),
    }
