"""The simulator's pictures: exact sizes, the same every time, different where they should be, always marked."""

import hashlib
import os
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from runtz_sim.art import draw, encode, preview
from runtz_sim.art.families import Family, family, manner
from runtz_sim.art.mark import mark_box, marked
from runtz_sim.art.places import PLACES
from runtz_sim.art.things import DRAWINGS
from runtz_sim.art.words import THINGS, read

MODELS = ("gpt-image-2", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro", "local-sdxl")
PROMPT = "a red fox in a snowy forest at dawn"
HOSTILE = {
    "empty": "",
    "spaces": " \t\n",
    "control": "a cat\x00\x07\x1b[31m in a box\x7f",
    "lone surrogate": "a boat \ud83d at sea",
    "right to left": "قطة حمراء في حديقة \u202e مظلمة",
    "emoji": "🦊🌲❄️🌅",
    "chinese": "夜晚的港口，雨后，玻璃塔",
    "long": "storm " * 5400,
    "one long word": "x" * 32_000,
    "quotes": "\"\" '' “” a sign that says \"\x00\" and '🦊'",
    "long lettering": 'a poster with "' + "W" * 59 + '"',
    "every word": " ".join(THINGS.values()),
}


def pixels(prompt: str = PROMPT, model: str = "gpt-image-2", seed: int = 1, **more: object) -> Image.Image:
    size = {"width": 160, "height": 128, **more}
    return draw(prompt=prompt, model=model, seed=seed, **size)  # type: ignore[arg-type]


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other, in 8-bit levels a channel."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_the_same_request_gives_the_same_bytes_in_another_process(model: str, fast: bool) -> None:
    program = (
        "import hashlib, sys; from runtz_sim.art import draw, encode;"
        "i = draw(prompt=sys.argv[1], model=sys.argv[2], seed=9, width=200, height=150, fast=sys.argv[3] == 'True');"
        "print(hashlib.sha256(encode(i, 'image/png')).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program, PROMPT, model, str(fast)],
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = encode(draw(prompt=PROMPT, model=model, seed=9, width=200, height=150, fast=fast), "image/png")
    assert elsewhere.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("size", [(64, 64), (65, 97), (1024, 64), (64, 1024), (333, 211), (1536, 1024)])
@pytest.mark.parametrize("fast", [False, True])
def test_the_picture_has_exactly_the_size_asked_for(size: tuple[int, int], fast: bool) -> None:
    for model in MODELS:
        image = draw(prompt=PROMPT, model=model, seed=3, width=size[0], height=size[1], fast=fast)
        assert (image.mode, image.size) == ("RGB", size)


def test_the_largest_picture_has_exactly_the_size_asked_for() -> None:
    assert draw(prompt=PROMPT, model="flux-2-pro", seed=3, width=4096, height=4096).size == (4096, 4096)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_another_seed_or_prompt_gives_another_picture(model: str, fast: bool) -> None:
    first = pixels(model=model, fast=fast)
    assert apart(first, pixels(model=model, seed=2, fast=fast)) > 3
    assert apart(first, pixels(prompt="a sailboat at sunset", model=model, fast=fast)) > 10


@pytest.mark.parametrize("fast", [False, True])
def test_every_hand_draws_its_own_picture(fast: bool) -> None:
    every = [pixels(model=model, fast=fast) for model in MODELS]
    for index, one in enumerate(every):
        assert all(apart(one, other) > 5 for other in every[index + 1 :])


@pytest.mark.parametrize(
    "models",
    [
        ("gpt-image-2.6-flare", "gpt-image-2.6-sunburst", "gpt-image-2.5", "gpt-image-2", "dall-e-3"),
        ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-2.5-flash-image"),
        ("ideogram-4-5", "ideogram-3"),
        ("flux-2-pro", "flux-2-max", "flux-2-klein-9b", "flux-3-image"),
    ],
)
def test_models_of_one_hand_differ(models: tuple[str, ...]) -> None:
    assert len({family(model) for model in models}) == 1
    every = [pixels(model=model) for model in models]
    for index, one in enumerate(every):
        assert all(apart(one, other) > 3 for other in every[index + 1 :])


def test_an_unknown_model_has_a_hand_and_a_manner_of_its_own() -> None:
    assert family("somebody's model") in Family
    assert manner("somebody's model") == manner("SOMEBODY'S MODEL")


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_the_corner_is_marked(model: str, fast: bool) -> None:
    on_black = np.asarray(marked(Image.new("RGB", (512, 384))).convert("L")).astype(int)
    letters = on_black > 140
    assert letters.sum() > 40
    picture = np.asarray(pixels(model=model, fast=fast, width=512, height=384).convert("L")).astype(int)
    assert np.all(picture[letters] >= on_black[letters] - 2)
    left, top, right, bottom = mark_box(512, 384)
    assert np.percentile(picture[top:bottom, left:right], 30) < 140


def test_the_mark_is_legible_and_changes_nothing_else() -> None:
    bare = Image.new("RGB", (512, 384), (250, 250, 250))
    box = mark_box(512, 384)
    corner = np.asarray(marked(bare.copy()).crop(box).convert("L"))
    assert corner.max() - np.percentile(corner, 30) > 100
    assert ImageChops.difference(marked(bare.copy()), bare).getbbox() == box


@pytest.mark.parametrize("size", [(64, 64), (65, 300), (4096, 64)])
def test_the_mark_stays_inside_small_pictures(size: tuple[int, int]) -> None:
    left, top, right, bottom = mark_box(*size)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert marked(Image.new("RGB", size)).getbbox() is not None


@pytest.mark.parametrize("prompt", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_prompt_gives_a_picture_with_something_on_it(prompt: str) -> None:
    for model in MODELS:
        for fast in (False, True):
            image = pixels(prompt=prompt, model=model, fast=fast)
            assert max(ImageStat.Stat(image).stddev) > 6


@pytest.mark.parametrize("place", PLACES)
def test_every_place_can_be_drawn_with_any_thing(place: str) -> None:
    for thing in ("", *DRAWINGS):
        assert pixels(prompt=f"{thing} {place} rain", fast=True).size == (160, 128)
    assert pixels(prompt=f"fox {place} snow night").size == (160, 128)


@pytest.mark.parametrize("model", MODELS)
def test_every_thing_and_every_weather_is_painted_without_a_warning(model: str) -> None:
    for thing in DRAWINGS:
        assert pixels(prompt=f"a {thing}, neon light", model=model).size == (160, 128)
    for weather in ("rain", "storm", "snow", "fog", "cloudy"):
        for style in ("watercolour", "ink", "pixel", '"NO"'):
            assert pixels(prompt=f"a lighthouse, {weather}, {style}", model=model).size == (160, 128)


def test_every_thing_the_vocabulary_names_can_be_drawn() -> None:
    assert set(THINGS) == set(DRAWINGS)


def test_a_prompt_is_read_for_what_it_shows() -> None:
    harbour = read("Night harbour after rain, glass towers in low fog, one small lit ferry on black water")
    assert (harbour.thing, harbour.place, harbour.time, harbour.weather) == (
        "ferry",
        "harbour",
        "night",
        "fog",
    )
    assert read("portrait of an astronaut in a greenhouse").thing == "astronaut"
    assert read("a portrait in blue").thing == "person"
    assert read('a poster with the words "MIDNIGHT RADIO"').lettering == "MIDNIGHT RADIO"
    assert read("it's the dog's bowl, isn't it").lettering == ""
    assert read("a boat under a green sky").backdrop == "2f9a5c"


@pytest.mark.parametrize("model", MODELS)
def test_quoted_words_are_lettered(model: str) -> None:
    said, unsaid = pixels('a poster that says "OPEN"', model), pixels("a poster that says OPEN", model)
    top = (0, 0, 160, 60)
    assert apart(said.crop(top), unsaid.crop(top)) > 5


@pytest.mark.parametrize("model", MODELS)
def test_previews_come_closer_to_the_picture(model: str) -> None:
    request = {"prompt": PROMPT, "model": model, "seed": 5, "width": 384, "height": 256}
    final = draw(**request)  # type: ignore[arg-type]
    early, late = (preview(**request, done=done) for done in (0.1, 0.9))  # type: ignore[arg-type]
    assert early.size == late.size == (384, 256)
    assert apart(late, final) < apart(early, final)


@pytest.mark.parametrize(
    ("media_type", "name"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WEBP")]
)
def test_encoded_pictures_are_of_their_type(media_type: str, name: str) -> None:
    with Image.open(BytesIO(encode(pixels(), media_type))) as image:  # type: ignore[arg-type]
        image.load()
        assert (image.format, image.size) == (name, (160, 128))
