"""The places a picture can be set in: each adds its parts to a scene and says where the subject stands."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from runtz_sim.art.places import beyond, city, inside, nature, plains, shore
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Stand

PLACES: Mapping[str, Callable[[Scene], Stand]] = MappingProxyType(
    {
        "harbour": city.harbour,
        "city": city.city,
        "forest": nature.forest,
        "coast": shore.coast,
        "sea": shore.sea,
        "mountain": nature.mountain,
        "desert": plains.desert,
        "field": plains.field,
        "space": beyond.space,
        "rings": beyond.rings,
        "abstract": beyond.abstract,
        "table": inside.table,
        "greenhouse": inside.greenhouse,
        "underwater": shore.underwater,
    }
)
