"""The built-in writer: no network, no chance, nothing lost. It keeps the idea word for word and adds what it lacks.

It looks what kind of picture the idea asks for and which of light, framing and finish it already speaks of, and
adds one plain sentence for each that is missing, in the idiom of the model.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from runtz_core.writing.idioms import KEYWORDS, MOOD, STRUCTURED, Idiom

WRITER = "Built-in rules"

# What an idea already says; then nothing of the kind is added to it.
_SAYS = {
    "light": "light lit lighting sun sunlight sunset sunrise dawn dusk night noon moon neon shadow shadows glow glowing"
    " backlit candle candles golden overcast fog lamp lantern lanterns evening morning",
    "framing": "close-up closeup portrait wide angle lens view aerial macro overhead profile panorama panoramic"
    " centred centered mm eye-level headshot full-body drone perspective isometric flat-lay",
    "finish": "photo photograph photorealistic painting watercolour watercolor oil ink sketch drawing illustration"
    " render 3d cartoon anime pixel vector poster logo woodcut engraving collage pastel film grain cinematic style",
}
SAID = {topic: frozenset(words.split()) for topic, words in _SAYS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of picture: the words it is known by, and what is said of it where the idea is silent."""

    name: str
    known_by: frozenset[str]
    light: tuple[str, ...]
    framing: tuple[str, ...]
    finish: tuple[str, ...]


def _kind(
    name: str, known_by: str, light: Sequence[str], framing: Sequence[str], finish: Sequence[str]
) -> _Kind:
    return _Kind(
        name=name,
        known_by=frozenset(known_by.split()),
        light=tuple(light),
        framing=tuple(framing),
        finish=tuple(finish),
    )


_KINDS = (
    _kind(
        "lettering",
        "logo sign poster headline typography lettering text word words title label cover badge banner",
        ("even light without glare on the letters", "soft light that leaves every letter readable"),
        (
            "the lettering large and level, with quiet space around it",
            "a straight-on view of the whole sheet",
        ),
        ("clean edges and two or three colours", "print-like colour with crisp edges"),
    ),
    _kind(
        "person",
        "man woman person girl boy child portrait face people dancer worker chef doctor king queen couple family"
        " musician nurse soldier grandmother grandfather baby crowd fisherman headshot",
        ("soft window light from one side", "open shade with a little light from behind"),
        (
            "seen from eye level, eyes sharp, the background softer",
            "framed from the waist up with room to look into",
        ),
        (
            "natural skin and true colours, as in an editorial photograph",
            "a photograph with fine natural texture",
        ),
    ),
    _kind(
        "food",
        "food cake bread coffee tea fruit soup dish plate pizza salad breakfast dinner cheese chocolate wine apple",
        (
            "daylight from a window at the side, shadows kept soft",
            "low light from behind that shows steam and gloss",
        ),
        (
            "seen from slightly above, the front of the dish sharp",
            "close, at table height, with a shallow depth",
        ),
        ("a photograph with true colours and visible texture", "a magazine photograph, restrained in colour"),
    ),
    _kind(
        "product",
        "product bottle watch shoe shoes phone camera bag perfume headphones chair lamp toy packaging ring laptop",
        (
            "one large soft light from above, with a clean edge highlight",
            "even studio light with a soft shadow",
        ),
        (
            "set alone on a plain ground, seen from slightly above",
            "three-quarter view, the whole object in frame",
        ),
        ("a studio photograph with exact materials", "catalogue sharpness and true colours"),
    ),
    _kind(
        "animal",
        "cat dog fox horse bird owl lion tiger bear wolf fish whale elephant rabbit deer frog butterfly dragon panda",
        ("early light that outlines the fur or feathers", "soft light under open sky"),
        (
            "at the animal's own eye level, its eyes sharp",
            "close enough for texture, with space where it looks",
        ),
        ("a nature photograph with fine detail", "natural colours and patient observation"),
    ),
    _kind(
        "city",
        "city street building tower skyline bridge station market alley harbour harbor car train shop cafe rooftop"
        " church castle room kitchen library interior house",
        ("late light along the walls, deep but open shadows", "the even light just after sunset"),
        (
            "a wide view with straight verticals and a clear foreground",
            "seen from the pavement, lines leading inwards",
        ),
        ("a documentary photograph with quiet colours", "architectural sharpness from front to back"),
    ),
    _kind(
        "nature",
        "mountain mountains forest sea ocean beach lake river desert dunes field garden tree trees waterfall island"
        " valley snow sky storm volcano meadow cliff landscape planet",
        ("low sun from the side that models the ground", "soft light through thin cloud"),
        ("a wide view with a foreground, a middle and a distance", "a low horizon and much sky"),
        ("a landscape photograph, deep in focus", "calm colours with a long tonal range"),
    ),
)
_ANY = _kind(
    "scene",
    "",
    ("soft light from one side", "clear light that separates the subject from its ground"),
    ("one clear subject, a little off centre", "a medium view with calm space around the subject"),
    ("fine texture and colours that agree with each other", "careful detail and a limited palette"),
)
_LABELS = {"light": "Light", "framing": "Framing", "finish": "Finish"}
_TOPICS = ("framing", "light", "finish")


def master(idea: str) -> str:
    """One prompt in sentences for every model. Raises nothing, asks nobody."""
    return written(idea, STRUCTURED if "\n" in idea.strip() else MOOD, longest=8_000)


def written(idea: str, idiom: Idiom, *, longest: int) -> str:
    """The idea in a model's idiom. The idea comes first, unchanged; additions give way to the limit."""
    words = idea.strip()
    added = [(topic, text) for topic, text in additions(words) if text]
    while added:
        whole = _joined(words, added, idiom)
        if len(whole) <= longest:
            return whole
        added.pop()
    return words


def speaks_of(topic: str, prompt: str) -> bool:
    """Whether a prompt says something of light, framing or finish, in words of its own or of these rules."""
    plain = prompt.lower()
    if not SAID[topic].isdisjoint(re.findall(r"[\w-]+", plain)):
        return True
    return any(phrase in plain for kind in (*_KINDS, _ANY) for phrase in getattr(kind, topic))


def additions(idea: str) -> list[tuple[str, str]]:
    """(topic, phrase) for light, framing and finish where the idea says nothing of them."""
    said = frozenset(re.findall(r"[\w-]+", idea.lower()))
    kind = max(_KINDS, key=lambda one: len(one.known_by & said))
    kind = kind if kind.known_by & said else _ANY
    choice = hashlib.sha256(idea.encode("utf-8", "replace")).digest()
    found = []
    for index, topic in enumerate(_TOPICS):
        phrases: tuple[str, ...] = getattr(kind, topic)
        if not speaks_of(topic, idea):
            found.append((topic, phrases[choice[index] % len(phrases)]))
    return found


def _joined(idea: str, added: Sequence[tuple[str, str]], idiom: Idiom) -> str:
    first = idea if idea[-1:] in ".!?…" else f"{idea}."
    if idiom is STRUCTURED:
        return " ".join([first, *(f"{_LABELS[topic]}: {text}." for topic, text in added)])
    if idiom is KEYWORDS:
        lettering = ", lettering exactly as quoted, evenly spaced" if re.search(r"[\"“«]", idea) else ""
        return f"{idea.rstrip('. ')}, {', '.join(text for _, text in added)}{lettering}"
    texts = [text for _, text in added]
    if idiom is MOOD:
        return f"{first} {_sentence('; '.join(texts))}"
    return " ".join([first, *(_sentence(_SPOKEN[topic].format(text)) for topic, text in added)])


_SPOKEN = {"framing": "The framing is simple: {}", "light": "The scene has {}", "finish": "The finish is {}"}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
