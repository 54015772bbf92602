"""Two hundred ideas: written by hand where words are tricky, the rest joined from parts in a fixed order."""

_BY_HAND = (
    "a table with two candles and one red apple",
    'a shop sign that says "OPEN 24 HOURS" in green neon',
    "Ada Lovelace at her desk in London, 1843",
    "three grey wolves and a white horse under 12 stars",
    'poster for "The Long Way Home", a road at dusk',
    "no people, only an empty station at noon",
    "an old fisherman mending nets, seven gulls behind him",
    "a café in Montréal with a striped awning and four chairs",
    "the number 7 painted on a rusty door",
    "a photo of two children flying a kite",
    "a 1967 Fender guitar leaning against a brick wall",
    "Don Quixote and Sancho Panza crossing a desert on bicycles",
    "a birthday cake with 30 candles and the words “Happy Birthday Mia”",
    "half an avocado, a knife and 3 limes on slate",
    "Mount Fuji behind a field of tulips",
    "an owl wearing a monocle reading 'Moby Dick'",
    "two women playing chess in Central Park, snow falling",
    "a lighthouse without windows on a cliff",
    "Kyoto alley after rain, one paper lantern lit",
    "a robot watering bonsai trees on a balcony, 35 mm",
    "ein Leuchtturm am Meer mit drei Booten",
    "un chat noir sur un toit rouge à Paris",
    "東京の夜、赤い傘",
    "a map of Iceland embroidered in blue wool",
    "5 mugs, each with a different letter: A, B, C, D, E",
    "the US flag knitted by a grandmother",
    "a violin made of glass, broken strings",
    "dinosaur skeleton in a swimming pool, tiles of turquoise",
    "a logo for a bakery called «Krume» with a wheat ear",
    "thirteen ravens on a wire, fog",
    "a whale swimming through a library",
    "Marie Curie holding a glowing flask, oil painting",
    "top view of a breakfast: two eggs, toast, jam",
    "an astronaut's boot print next to a daisy",
    "a tiger asleep on a velvet sofa, one paw hanging down",
    "Route 66 diner at midnight, a 1950s Cadillac outside",
    "a woman's hands kneading dough, flour in the air",
    "wooden chair, one leg shorter than the others",
    "a mother-of-pearl comb beside a hand-written letter",
    "the word LOVE spelled with pebbles on a beach",
)
_SUBJECTS = (
    "a brass telescope", "two sleeping foxes", "an elderly violinist", "a paper boat", "five hot-air balloons",
    "a stone bridge", "a barefoot dancer", "twelve porcelain cups", "a lighthouse keeper", "an abandoned tram",
)  # fmt: skip
_PLACES = (
    "in a wheat field near Arles", "under the ice of Lake Baikal", "on a rooftop in Lisbon", "beside a frozen canal",
    "inside a greenhouse full of ferns", "at the edge of a salt desert", "behind a rain-streaked window",
    "between two concrete towers",
)  # fmt: skip
_ENDS = ("with a torn blue umbrella", 'and a sign reading "No 9"')


def _joined() -> list[str]:
    return [f"{subject} {place} {end}" for subject in _SUBJECTS for place in _PLACES for end in _ENDS]


IDEAS: tuple[str, ...] = (*_BY_HAND, *_joined())
