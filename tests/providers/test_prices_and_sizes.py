"""Prices against every published figure, and sizes against what each vendor says it makes."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtz_core.providers.base import RATIOS, ModelSpec, Size, aspect
from runtz_core.providers.models import flux, ideogram
from runtz_core.providers.models.compatible import compatible_spec
from runtz_core.providers.models.openai import FACTORS_2, FACTORS_2_5, output_tokens, picture_price
from runtz_core.providers.registry import all_specs, spec


def dollars(micros: int, digits: int) -> str:
    return f"{micros / 1_000_000:.{digits}f}"


GPT_IMAGE_2_5 = {
    Size(1024, 1024): (".0059", ".0132", ".0527", ".0937", ".2107"),
    Size(1536, 1024): (".0047", ".0103", ".0412", ".0738", ".1646"),
    Size(1920, 1088): (".0044", ".0103", ".0398", ".0707", ".1590"),
    Size(2560, 1440): (".0062", ".0143", ".0553", ".0983", ".2211"),
    Size(3840, 2160): (".0111", ".0260", ".1001", ".1779", ".4003"),
}


@pytest.mark.parametrize("size", GPT_IMAGE_2_5, ids=str)
def test_gpt_image_2_5_costs_what_its_table_says(size: Size) -> None:
    computed = [dollars(picture_price(factor, size), 4) for factor in FACTORS_2_5.values()]
    assert computed == ["0" + figure for figure in GPT_IMAGE_2_5[size]]


def test_gpt_image_2_costs_what_its_table_says() -> None:
    square = Size(1024, 1024)
    computed = [dollars(picture_price(factor, square), 3) for factor in FACTORS_2.values()]
    assert computed == ["0.006", "0.053", "0.211"]


def test_the_token_formula_gives_the_whole_number_of_tokens_above() -> None:
    assert output_tokens(FACTORS_2_5["high"], Size(1024, 1024)) == 1756
    assert output_tokens(FACTORS_2_5["low"], Size(1536, 1024)) == 158
    assert output_tokens(16, Size(1024, 1536)) == output_tokens(16, Size(1536, 1024))


def test_gpt_image_2_6_is_reserved_at_least_at_what_was_measured() -> None:
    flare, size = spec("gpt-image-2.6-flare"), Size(1536, 1024)
    assert flare.price("low", size) >= 664 * 30
    assert flare.price("high", size) >= 1353 * 30
    assert flare.price("low", size) < flare.price("medium", size) <= flare.price("high", size)


@pytest.mark.parametrize(
    ("model", "tier", "size", "figure"),
    [
        ("dall-e-3", "standard", Size(1024, 1024), ".04"),
        ("dall-e-3", "standard", Size(1792, 1024), ".08"),
        ("dall-e-3", "hd", Size(1024, 1024), ".08"),
        ("dall-e-3", "hd", Size(1024, 1792), ".12"),
        ("gemini-nano-banana-2.1", "1K", Size(1024, 1024), ".0336"),
        ("gemini-nano-banana-2.1", "2K", Size(2048, 2048), ".0504"),
        ("gemini-nano-banana-2.1", "4K", Size(4096, 4096), ".0756"),
        ("gemini-3-pro-image", "1K", Size(1024, 1024), ".134"),
        ("gemini-3-pro-image", "2K", Size(2048, 2048), ".134"),
        ("gemini-3-pro-image", "4K", Size(4096, 4096), ".24"),
        ("gemini-2.5-flash-image", "1K", Size(1024, 1024), ".039"),
        ("ideogram-4-5", "low", Size(1024, 1024), ".03"),
        ("ideogram-4-5", "medium", Size(1024, 1024), ".06"),
        ("ideogram-4-5", "high", Size(1024, 1024), ".10"),
        ("ideogram-3", "FLASH", Size(1024, 1024), ".03"),
        ("ideogram-3", "TURBO", Size(1024, 1024), ".03"),
        ("ideogram-3", "DEFAULT", Size(1024, 1024), ".06"),
        ("ideogram-3", "QUALITY", Size(1024, 1024), ".09"),
        ("flux-2-pro", "1 MP", Size(1024, 1024), ".03"),
        ("flux-2-max", "1 MP", Size(1024, 1024), ".07"),
        ("flux-2-klein-9b", "1 MP", Size(1024, 1024), ".015"),
        ("flux-3-image", "768sq", Size(768, 768), ".041"),
        ("flux-3-image", "1k", Size(1024, 1024), ".048"),
        ("flux-3-image", "2k", Size(2048, 2048), ".10"),
        ("flux-3-image", "4k", Size(4096, 4096), ".607"),
    ],
)
def test_flat_prices_are_those_published(model: str, tier: str, size: Size, figure: str) -> None:
    digits = len(figure) - 1
    assert dollars(spec(model).price(tier, size), digits) == "0" + figure


def test_flux_counts_whole_megapixels_out_and_in() -> None:
    two = Size(2048, 1024)
    assert flux.megapixel_price("flux-2-pro", two) == 45_000
    assert flux.megapixel_price("flux-2-pro", Size(2048, 1040)) == 60_000
    assert flux.megapixel_price("flux-2-max", two, (two, Size(64, 64))) == 70_000 + 30_000 + 90_000
    assert flux.megapixel_price("flux-2-klein-9b", two) == 17_000
    assert flux.megapixel_price("flux-2-pro", Size(64, 64)) == 30_000


def test_a_default_run_on_four_providers_costs_less_than_twenty_cents() -> None:
    run = ("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")
    for ratio in RATIOS:
        total = sum(
            model.price(model.default_tier, model.choose(ratio, model.default_tier).size)
            for model in map(spec, run)
        )
        assert total < 200_000, ratio


def every_size() -> list[tuple[ModelSpec, str, str, Size]]:
    return [
        (model, tier, ratio, size)
        for model in all_specs()
        for tier in model.tiers
        for ratio, size in model.sizes[tier].items()
    ]


def is_legal(model: ModelSpec, size: Size) -> bool:
    pixels, longest, shortest = (
        size.width * size.height,
        max(size.width, size.height),
        min(size.width, size.height),
    )
    match model.model:
        case "dall-e-3":
            return str(size) in {"1024x1024", "1024x1792", "1792x1024"}
        case name if name.startswith("gpt-image"):
            return (
                size.width % 16 == size.height % 16 == 0 and longest <= 3 * shortest and pixels <= 2560 * 1440
            )
        case "ideogram-4-5":
            presets = [
                "1024x1024",
                "896x1120",
                "864x1152",
                "832x1248",
                "720x1280",
                "800x1280",
                "720x1440",
                "512x1536",
            ]
            return f"{shortest}x{longest}" in presets
        case "ideogram-3":
            return 512 <= shortest <= longest <= 1536
        case name if name.startswith("flux"):
            return size.width % 16 == size.height % 16 == 0 and shortest >= 64
        case _:
            return size.width % 16 == size.height % 16 == 0


@pytest.mark.parametrize(("model", "tier", "ratio", "size"), every_size())
def test_every_size_is_one_its_vendor_makes(model: ModelSpec, tier: str, ratio: str, size: Size) -> None:
    assert is_legal(model, size)
    assert math.isclose(size.width / size.height, aspect(ratio), rel_tol=0.03)
    assert model.price(tier, size) > 0


def test_flux_2_stays_within_four_megapixels_and_its_tier() -> None:
    for size in spec("flux-2-pro").sizes["4 MP"].values():
        assert size.width * size.height <= 4_000_000
    for size in spec("flux-2-pro").sizes["1 MP"].values():
        assert flux.megapixel_price("flux-2-pro", size) == 30_000


ratios = st.builds(lambda wide, high: f"{wide}:{high}", st.integers(1, 40), st.integers(1, 40))


@given(model=st.sampled_from(all_specs()), ratio=ratios | st.sampled_from(RATIOS), data=st.data())
def test_the_nearest_size_is_the_nearest(model: ModelSpec, ratio: str, data: st.DataObject) -> None:
    tier = data.draw(st.sampled_from(model.tiers))
    choice = model.choose(ratio, tier)
    assert choice.size == model.sizes[tier][choice.ratio]
    assert choice.exact == (ratio == choice.ratio)

    def distance(name: str) -> float:
        return abs(math.log(aspect(name) / aspect(ratio)))

    assert all(distance(choice.ratio) <= distance(other) + 1e-9 for other in model.sizes[tier])
    assert is_legal(model, choice.size)


@pytest.mark.parametrize("ratio", ["", "1", "1:", "0:1", "-1:2", "1.5:1", "16x9", "a:b", "1:2:3"])
def test_what_is_no_ratio_is_refused(ratio: str) -> None:
    with pytest.raises(ValueError, match="ratio"):
        spec("dall-e-3").choose(ratio, "hd")


def test_dall_e_3_maps_every_ratio_to_its_three_sizes() -> None:
    dalle = spec("dall-e-3")
    assert str(dalle.choose("1:1", "hd").size) == "1024x1024"
    assert str(dalle.choose("16:9", "hd").size) == "1792x1024"
    assert str(dalle.choose("9:16", "hd").size) == "1024x1792"
    assert not dalle.choose("16:9", "hd").exact


def test_ideogram_3_takes_the_nearest_of_its_resolutions() -> None:
    assert str(spec("ideogram-3").choose("21:9", "TURBO").size) == "1472x640"
    assert set(ideogram.PRICES_3) == set(spec("ideogram-3").tiers)


def test_a_declared_model_is_as_its_owner_entered_it() -> None:
    made = compatible_spec(
        provider="custom-garage", model="sdxl", label="Garage", sizes={"1:1": [1024, 1024]}, usd_micros=0
    )
    assert made.price(made.default_tier, Size(1024, 1024)) == 0
    assert made.choose("16:9", made.default_tier).size == Size(1024, 1024)


@pytest.mark.parametrize(
    ("sizes", "micros"),
    [
        ({}, 0),
        ({"1:1": [1024]}, 0),
        ({"1:1": [1023, 1024]}, 0),
        ({"1:1": [0, 1024]}, 0),
        ({"1:1": [100_000, 1024]}, 0),
        ({"wide": [1024, 1024]}, 0),
        ({"1:1": [1024, 1024]}, -1),
        ({"1:1": [1024, 1024]}, None),
        ({"1:1": [1024, 1024]}, True),
    ],
)
def test_a_declared_model_that_cannot_be_is_refused(sizes: dict[str, list[int]], micros: int) -> None:
    with pytest.raises(ValueError, match=r"size|price|ratio"):
        compatible_spec(provider="custom-x", model="m", label="M", sizes=sizes, usd_micros=micros)


def test_prices_round_up_never_down() -> None:
    exact = 664 * Fraction(30)
    assert spec("gpt-image-2.6-flare").price("low", Size(1536, 1024)) - 6_000 >= exact
