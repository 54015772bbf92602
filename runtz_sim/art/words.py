"""The English words a prompt may use, and what a drawing takes from them."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

READ_WORDS = 600  # a prompt says what it shows early on; the rest only costs time

THINGS = {
    "fox": "fox vixen wolf coyote jackal",
    "cat": "cat kitten tiger lion lynx panther leopard kitty cheetah jaguar",
    "dog": "dog puppy corgi bear bulldog hound panda labrador husky retriever",
    "bird": "bird eagle parrot raven crow penguin duck hummingbird robin sparrow toucan kingfisher owl falcon",
    "whale": "whale fish shark dolphin orca submarine koi",
    "robot": "robot android cyborg mecha droid machine",
    "astronaut": "astronaut cosmonaut spaceman diver spacesuit",
    "person": "person man woman girl boy people face child king queen soldier wizard dancer musician lady knight "
    "samurai human doctor chef teacher statue farmer student singer scientist witch monk model geisha elf princess",
    "lighthouse": "lighthouse beacon",
    "ferry": "ferry steamer liner cruise tugboat",
    "sailboat": "boat sailboat ship yacht sail galleon dinghy",
    "car": "car truck bus taxi van vehicle racecar jeep sedan convertible automobile",
    "balloon": "balloon airship zeppelin",
    "rocket": "rocket spaceship shuttle starship spacecraft missile",
    "planet": "planet saturn jupiter earth globe mars",
    "house": "house cottage cabin barn home hut farmhouse library shop bakery cafe",
    "castle": "castle palace fortress temple cathedral church monastery citadel",
    "tree": "oak bonsai willow maple sakura cherry treehouse",
    "flower": "flower rose tulip sunflower daisy bouquet lily orchid blossom lotus poppy dahlia peony",
    "mushroom": "mushroom fungus toadstool fungi",
    "bowl": "bowl ramen noodle soup food salad rice sushi breakfast pasta curry stew pho",
    "cup": "cup coffee tea espresso latte mug cocoa teapot cappuccino",
    "cake": "cake dessert cupcake pancake pie donut",
    "bottle": "bottle perfume vase wine beer juice lotion product whiskey potion cosmetic",
    "clock": "watch clock chronograph wristwatch pocketwatch",
    "radio": "radio cassette stereo boombox synthesizer transistor",
    "guitar": "guitar violin cello ukulele",
    "lamp": "lamp lantern candle",
}
FRAMING = {"portrait", "headshot", "closeup", "bust", "selfie"}

PLACES = {
    "harbour": "harbour harbor port bay pier dock quay marina waterfront canal river skyline",
    "city": "city street building skyscraper tower urban downtown cyberpunk metropolis york tokyo paris london alley "
    "shibuya kyoto bridge rooftop neighborhood neighbourhood",
    "forest": "forest wood jungle pine rainforest bamboo park grove taiga trail",
    "coast": "coast cliff shore rocky headland cape fjord lighthouse",
    "sea": "sea ocean beach wave island lagoon lake sailing tropical",
    "mountain": "mountain peak alp himalaya valley canyon hill volcano glacier fuji waterfall landscape summit",
    "desert": "desert dune sahara cactus pyramid camel oasis mesa savanna",
    "space": "space galaxy nebula cosmic cosmos orbit universe star alien interstellar",
    "field": "field meadow garden grass farm lawn prairie countryside lavender wheat vineyard tuscany",
    "greenhouse": "greenhouse conservatory glasshouse orangery botanical terrarium",
    "underwater": "underwater reef coral seabed submerged aquarium",
    "table": "table kitchen studio restaurant bar desk diner counter shelf interior room izakaya",
}
TIMES = {
    "night": "night midnight moon moonlit moonlight starry nocturnal dark neon nighttime",
    "dawn": "dawn sunrise morning",
    "dusk": "dusk sunset evening golden twilight",
    "day": "day noon sunny daylight midday summer spring sunlight sunlit afternoon",
}
WEATHER = {
    "storm": "storm stormy lightning thunder tempest hurricane thunderstorm",
    "rain": "rain rainy raining drizzle rainstorm",
    "snow": "snow snowy snowfall winter blizzard frozen frosty",
    "fog": "fog foggy mist misty haze hazy smoke smoky",
    "cloud": "cloud cloudy overcast",
}
STYLES = {
    "watercolour": "watercolor watercolour aquarelle gouache",
    "ink": "ink sumi charcoal sketch pencil monochrome noir",
    "neon": "neon cyberpunk synthwave vaporwave retrowave",
    "pixel": "pixel 8bit voxel 16bit",
    "poster": "poster screenprint flyer cover print",
}
BACKDROPS = {
    "sky", "background", "backdrop", "nebula", "sea", "ocean", "water", "sunset", "sunrise", "wall", "light", "lights",
    "fog", "mist",
}  # fmt: skip
COLOURS = {
    "red": "d4342c", "crimson": "a4133c", "scarlet": "e5383b", "orange": "f0801a", "amber": "ffb020",
    "gold": "e3ae46", "golden": "e3ae46", "yellow": "f7cf2d", "green": "2f9a5c", "emerald": "0f9d6e",
    "lime": "9bd32e", "teal": "128c8e", "turquoise": "2ec4b6", "cyan": "22c4e0", "blue": "2f6fd6",
    "navy": "1f3866", "indigo": "4038b8", "purple": "7a34b8", "violet": "8e5bd9", "pink": "f57aa8",
    "magenta": "d2288e", "white": "f1eee6", "black": "23232b", "grey": "8a8f98", "gray": "8a8f98",
    "brown": "7f5539", "beige": "dcc9a3", "silver": "b9c1cc", "copper": "b87333", "ginger": "df7426",
    "blonde": "e3bd6a", "lavender": "a98be0",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a prompt asks for; empty strings where it says nothing. `colours` are RRGGBB."""

    thing: str
    place: str
    time: str
    weather: str
    styles: frozenset[str]
    colours: tuple[str, ...]
    backdrop: str
    hair: str
    lettering: str
    close: bool


@cache
def _index(name: str) -> dict[str, str]:
    tables = {"thing": THINGS, "place": PLACES, "time": TIMES, "weather": WEATHER, "style": STYLES}
    return {word: key for key, words in tables[name].items() for word in words.split()}


def _hits(words: list[str], name: str) -> list[str]:
    table = _index(name)
    found = (table.get(w) or table.get(w.removesuffix("s")) or table.get(w.removesuffix("es")) for w in words)
    return [key for key in found if key]


def _quoted(prompt: str) -> str:
    """The first quoted words of a prompt, at most 60 characters; apostrophes inside words do not count."""
    found = re.search(r"[\"“„«]([^\"”“»]{1,60})[\"”“»]|(?<!\w)['‘]([^'’]{1,60})['’](?!\w)", prompt[:8000])
    text = next((group for group in found.groups() if group), "") if found else ""
    return " ".join(text.split())


def _colours(words: list[str]) -> tuple[tuple[str, ...], str]:
    """Colours of the subject, and the colour of what is behind it ("blue sky")."""
    named = [(COLOURS[w], after) for w, after in pairwise([*words, ""]) if w in COLOURS]
    subject = tuple(
        colour for colour, after in named if after not in BACKDROPS and after not in ("hour", "hair")
    )
    return subject, next((colour for colour, after in named if after in BACKDROPS), "")


def read(prompt: str) -> Reading:
    """Read a prompt in any language; unknown words say nothing, and nothing is ever refused."""
    lettering = _quoted(prompt)
    words = re.findall(r"[a-z0-9]+", prompt[:8000].lower())[:READ_WORDS]
    fallen = [w for before, w in pairwise(["", *words]) if before != "after"]
    close = bool(FRAMING.intersection(words))
    colours, backdrop = _colours(words)
    things, places, weather = _hits(words, "thing"), _hits(words, "place"), _hits(fallen, "weather")
    return Reading(
        thing=things[0] if things else "person" if close else "",
        place=places[0] if places else "",
        time=next(iter(_hits(words, "time")), ""),
        weather="storm" if "storm" in weather else next(iter(weather), ""),
        styles=frozenset(_hits(words, "style")),
        colours=colours,
        backdrop=backdrop,
        hair=next((COLOURS[w] for w, after in pairwise(words) if after == "hair" and w in COLOURS), ""),
        lettering=lettering,
        close=close,
    )
