"""Draws the example pictures of the first page with the simulator's own hand: `python -m scripts.draw_examples`."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from runtz_sim.art import draw

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "examples"
LONG_SIDE = 1024  # pixels drawn
WIDTH = 480  # pixels kept: twice the widest column
QUALITY = 78


@dataclass(frozen=True, kw_only=True)
class Example:
    """One picture: its file's name and what a vendor would have been asked."""

    name: str
    prompt: str
    model: str
    seed: int
    ratio: tuple[int, int] = (3, 4)


EXAMPLES = (
    Example(name="harbour", prompt="Night harbour after rain, low fog", model="gpt-image-2.6-flare", seed=4),
    Example(
        name="dunes",
        prompt="Dunes at dusk under two suns, long shadows",
        model="gemini-nano-banana-2.1",
        seed=4,
    ),
    Example(name="lighthouse", prompt="Lighthouse in a storm, high waves", model="ideogram-4-5", seed=8),
    Example(
        name="wall-1",
        prompt="Northern lights over a frozen lake",
        model="gpt-image-2.6-flare",
        seed=5,
        ratio=(3, 2),
    ),
    Example(
        name="wall-2", prompt="Neon city street in the rain at night", model="gpt-image-2.6-flare", seed=9
    ),
    Example(
        name="wall-3", prompt="Ringed planet above a purple nebula", model="flux-2-max", seed=3, ratio=(4, 3)
    ),
    Example(name="wall-4", prompt="Misty pine forest at dawn", model="gemini-nano-banana-2.1", seed=7),
    Example(name="wall-5", prompt="Sailing boat on a golden sea at sunrise", model="ideogram-4-5", seed=12),
    Example(
        name="wall-6", prompt="Desert mesa at sunset, a lone cactus", model="gpt-image-2.6-flare", seed=1
    ),
    Example(
        name="wall-7",
        prompt="A red dahlia in morning dew",
        model="gemini-nano-banana-2.1",
        seed=2,
        ratio=(1, 1),
    ),
    Example(
        name="wall-8",
        prompt="Cherry blossoms by a quiet river",
        model="gemini-nano-banana-2.1",
        seed=6,
        ratio=(3, 2),
    ),
    Example(name="wall-9", prompt="Snowy mountain village at blue hour", model="gpt-image-2", seed=3),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES:
        picture = _drawn(example)
        path = FOLDER / f"{example.name}.webp"
        picture.save(path, quality=QUALITY, method=6)
        print(f"{path.name}  {picture.width}×{picture.height}  {path.stat().st_size / 1024:.0f} KB")


def _drawn(example: Example) -> Image.Image:
    wide, high = example.ratio
    scale = LONG_SIDE / max(wide, high)
    size = (round(wide * scale), round(high * scale))
    picture = draw(
        prompt=example.prompt, model=example.model, seed=example.seed, width=size[0], height=size[1]
    )
    return picture.convert("RGB").resize((WIDTH, round(WIDTH * high / wide)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
