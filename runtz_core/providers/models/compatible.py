"""A model of an OpenAI-compatible server, described by the rows its owner entered."""

from collections.abc import Mapping, Sequence

from runtz_core.providers.base import ModelSpec, Size, aspect

LEAST_SIDE, MOST_SIDE, STEP = 64, 8192, 8  # pixels; diffusion models work on 8x8 blocks
ONLY_TIER = "standard"


def compatible_spec(
    *,
    provider: str,
    model: str,
    label: str,
    sizes: Mapping[str, Sequence[int]],
    usd_micros: int,
    usual_seconds: float = 30.0,
    prompt_chars: int = 32_000,
) -> ModelSpec:
    """The spec of one declared model; `sizes` is ratio -> (width, height) in pixels, price in micro-dollars.

    An explicit 0 is a price. Raises ValueError, for the owner to read, for sizes or prices that cannot be.
    """
    if isinstance(usd_micros, bool) or not isinstance(usd_micros, int) or usd_micros < 0:
        raise ValueError("A model needs a price; 0 is one.")
    if not sizes:
        raise ValueError("A model needs at least one size.")
    table = {ratio: _size(ratio, edges) for ratio, edges in sizes.items()}

    def price(_tier: str, _size: Size) -> int:
        return usd_micros

    return ModelSpec(
        provider=provider,
        model=model,
        label=label,
        tiers=(ONLY_TIER,),
        default_tier=ONLY_TIER,
        sizes={ONLY_TIER: table},
        price=price,
        price_source="entered by the owner of this installation",
        usual_seconds=usual_seconds,
        prompt_chars=prompt_chars,
        media_type="image/png",
    )


def sides_fit(*sides: int) -> bool:
    """Whether a server can be asked for a picture with these sides, in pixels."""
    return all(LEAST_SIDE <= side <= MOST_SIDE and side % STEP == 0 for side in sides)


def name_at_server(model: str) -> str:
    """What the server itself calls the model whose id here is "custom-<slug>/<name>"."""
    provider, slash, name = model.partition("/")
    return name if slash and provider.startswith("custom-") else model


def _size(ratio: str, edges: Sequence[int]) -> Size:
    aspect(ratio)
    if len(edges) != 2 or not sides_fit(*edges):
        raise ValueError(
            f"{ratio}: a size is two multiples of {STEP} between {LEAST_SIDE} and {MOST_SIDE} pixels."
        )
    return Size(*edges)
