"""The things a picture can be of: each draws itself in its own box, -1..1 both ways, feet at y = 1."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from runtz_sim.art.shapes import Rng, Shape
from runtz_sim.art.things import built, creatures, goods, people, plants, vehicles

Drawing = Callable[[Rng], list[Shape]]

DRAWINGS: Mapping[str, Drawing] = MappingProxyType(
    {
        "fox": creatures.fox,
        "cat": creatures.cat,
        "dog": creatures.dog,
        "bird": creatures.bird,
        "whale": creatures.whale,
        "robot": people.robot,
        "astronaut": people.astronaut,
        "person": people.person,
        "lighthouse": built.lighthouse,
        "house": built.house,
        "castle": built.castle,
        "lamp": built.lamp,
        "ferry": vehicles.ferry,
        "sailboat": vehicles.sailboat,
        "car": vehicles.car,
        "balloon": vehicles.balloon,
        "rocket": vehicles.rocket,
        "planet": vehicles.planet,
        "tree": plants.tree,
        "flower": plants.flower,
        "mushroom": plants.mushroom,
        "bowl": goods.bowl,
        "cup": goods.cup,
        "cake": goods.cake,
        "bottle": goods.bottle,
        "clock": goods.clock,
        "radio": goods.radio,
        "guitar": goods.guitar,
    }
)
