"""From a prompt to a scene: which thing, in which place, in which light."""

import numpy as np

from runtz_sim.art.palettes import choose, mix
from runtz_sim.art.places import PLACES
from runtz_sim.art.scene import Scene, generator
from runtz_sim.art.shapes import Array, Beam, Dots, Layer, Rng, Stand, Streaks, disc, pick, placed, stroke
from runtz_sim.art.things import DRAWINGS
from runtz_sim.art.words import Reading, read

VERSION = "runtz-art-1"  # change it when the same prompt is meant to give another picture
SHELTERED = ("table", "space", "underwater", "abstract", "greenhouse", "rings")
HOMES = {
    "fox": "forest field", "cat": "table field city", "dog": "field coast", "bird": "forest field",
    "whale": "underwater sea", "robot": "city desert", "astronaut": "space desert", "person": "field city table",
    "lighthouse": "coast", "ferry": "harbour", "sailboat": "sea", "car": "city desert mountain",
    "balloon": "mountain desert field", "rocket": "space", "planet": "space", "house": "field mountain forest",
    "castle": "mountain field", "tree": "field mountain", "flower": "field table", "mushroom": "forest",
    "bowl": "table", "cup": "table", "cake": "table", "bottle": "table", "clock": "table", "radio": "rings",
    "guitar": "table", "lamp": "table forest",
}  # fmt: skip
GROUNDS = {"forest": "leaf", "field": "leaf", "desert": "sand"}  # the ink a subject's shadow falls on
UPRIGHT = ("clock", "radio", "astronaut", "lighthouse")  # things that are never mirrored
LIGHT = {"ferry": 0.0, "lamp": 0.3, "radio": 0.6, "bowl": 0.6, "lighthouse": 0.5}  # relief, 1 unless given
ALOFT = {"balloon": 0.52, "rocket": 0.66, "planet": 0.7}  # foot of things that fly, in picture heights


def _time(reading: Reading, place: str, rng: Rng) -> str:
    if reading.weather == "storm":
        return "storm"
    if place == "space":
        return "night"
    if place in ("greenhouse", "table"):
        return reading.time or pick(rng, ("day", "dawn"))
    return reading.time or pick(rng, ("day", "dawn", "dusk", "dusk", "night"))


def _sun(time: str, aspect: float, horizon: float, focus: float, rng: Rng) -> tuple[float, float, float]:
    """The sun or moon stands away from the subject, low at dawn and dusk: x, y and radius."""
    share = float(rng.uniform(0.6, 0.86)) if focus < 0.5 else float(rng.uniform(0.14, 0.4))
    rise = float(rng.uniform(0.06, 0.2)) if time in ("dawn", "dusk") else float(rng.uniform(0.3, 0.44))
    radius = 0.075 if time == "dusk" else 0.045
    return share * aspect, horizon - rise, radius * min(1.0, aspect)


def compose(prompt: str, model: str, seed: int, aspect: float, sky: int) -> Scene:
    """Lay the prompt out for a picture of `aspect` (width / height); the same arguments, the same scene."""
    rng, reading = generator(VERSION, prompt, model, seed), read(prompt)
    place = reading.place
    if reading.thing == "lighthouse" and place in ("sea", "harbour"):
        place = "coast"
    place = place or pick(rng, HOMES.get(reading.thing, "abstract").split())
    time = _time(reading, place, rng)
    focus = float(pick(rng, (0.36, 0.5, 0.5, 0.64)) + rng.uniform(-0.04, 0.04))
    scene = Scene(
        aspect=aspect, reading=reading, time=time, weather=reading.weather, inks=choose(reading, time, sky, rng),
        rng=rng, horizon=0.6, focus=focus, sun=_sun(time, aspect, 0.6, focus, rng),
    )  # fmt: skip
    if place not in SHELTERED and scene.weather not in ("rain", "storm", "fog", "cloud"):
        scene.add(Layer(shapes=[disc("sun", *scene.sun[:2], scene.sun[2], tone=0.15)]))
    if scene.weather == "storm" and place not in SHELTERED:
        scene.add(*_lightning(scene))
    stand = PLACES[place](scene)
    scene.subject_from = len(scene.parts)
    if reading.thing:
        _stand(scene, reading.thing, place, stand)
    scene.add(*stand.front)
    if place not in SHELTERED:
        _weather(scene)
    return scene


def _stand(scene: Scene, thing: str, place: str, stand: Stand) -> None:
    """Draw the subject where the place wants it; a lighthouse in the dark sends out its beams."""
    x, y = stand.x, stand.y
    if place not in SHELTERED:
        y = ALOFT.get(thing, y)
    flip = (
        bool(scene.rng.random() < 0.5)
        if scene.aspect * 0.4 < x < scene.aspect * 0.6
        else x > scene.aspect / 2
    )
    if thing == "lighthouse" and (scene.dark or scene.time == "dawn"):
        lantern = (x, y - stand.size * 1.78)
        scene.add(
            *(Beam(start=lantern, end=(x + side * 1.1, lantern[1] - 0.1), width=0.26) for side in (-1, 1))
        )
    ground = "snow" if scene.weather == "snow" and place != "desert" else GROUNDS.get(place)
    if ground and thing not in ALOFT:
        scene.inks["shadow"] = mix(
            scene.inks[ground], scene.inks["far" if ground == "snow" else "near"], 0.45
        )
        shadow = disc("shadow", x, y - 0.006, stand.size * 0.92, stand.size * 0.075)
        scene.add(Layer(shapes=[shadow], depth=0.97))
    shapes = placed(DRAWINGS[thing](scene.rng), x, y, stand.size, flip and thing not in UPRIGHT)
    scene.add(Layer(shapes=shapes, lit=LIGHT.get(thing, 1.0)))


def _lightning(scene: Scene) -> list[Layer]:
    """A forked bolt in the sky beside the subject: a wide dim stroke under narrow bright ones."""
    rng = scene.rng
    x, y, bolt = scene.sun[0], -0.02, list[tuple[float, float]]()
    while y < 0.58:
        bolt.append((x, y))
        x, y = x + float(rng.uniform(-0.045, 0.05)), y + float(rng.uniform(0.02, 0.06))
    half = len(bolt) // 2
    fork = [bolt[half]]
    for _ in range(5):
        fork.append(
            (fork[-1][0] + float(rng.uniform(0.0, 0.05)), fork[-1][1] + float(rng.uniform(0.015, 0.035)))
        )
    widths = ((0.02, -0.35, 0.35), (0.009, 0.0, 0.7), (0.0035, 0.6, 1.0))
    return [
        Layer(shapes=[stroke("sun", bolt, w, tone), stroke("sun", fork, w * 0.6, tone)], depth=depth)
        for w, tone, depth in widths
    ]


def _weather(scene: Scene) -> None:
    """Rain or snow between the viewer and the scene."""
    rng, a = scene.rng, scene.aspect
    if scene.weather in ("rain", "storm"):
        count = int(420 * max(0.4, a))
        start = np.stack((rng.uniform(-0.2, a, count), rng.uniform(-0.1, 1, count)), 1)
        length = 0.02 + 0.06 * rng.random(count)[:, None]
        slant = 0.32 if scene.weather == "storm" else 0.12
        scene.add(Streaks(ends=np.concatenate((start, start + length * (slant, 1.0)), 1), strength=0.34))
    elif scene.weather == "snow":
        for count, radius, soft in ((int(240 * a), 0.0022, False), (int(60 * a), 0.0075, True)):
            centres: Array = rng.random((count, 2)) * (a, 1)
            pale = np.repeat(scene.inks["snow"][None], count, 0) * (0.8 if soft else 1.0)
            scene.add(
                Dots(centres=centres, radii=radius * rng.uniform(0.5, 1.4, count), colours=pale, soft=soft)
            )
