"""What the model list promises is what the simulated vendor makes."""

import pytest

from runtz_core.providers.base import ModelSpec
from runtz_core.providers.registry import all_specs
from runtz_sim.latency import Latency
from runtz_sim.vendors import VENDORS, flux_rules, gemini_rules, ideogram_rules, openai_rules


def made(spec: ModelSpec, tier: str, ratio: str) -> tuple[int, int]:
    """Pixels the simulator gives for a tier and a ratio of this model."""
    size = str(spec.sizes[tier][ratio])
    match spec.provider, spec.model:
        case "openai", _:
            drawn = openai_rules.read({"model": spec.model, "prompt": "a fox", "quality": tier, "size": size})
        case "gemini", model:
            sized = {"imageSize": tier} if gemini_rules.MODELS[model].sized else {}
            body = {"generationConfig": {"imageConfig": {"aspectRatio": ratio, **sized}}}
            parts = {"contents": [{"parts": [{"text": "a fox"}]}]}
            drawn = gemini_rules.read(model, {**body, **parts})
        case "ideogram", "ideogram-3":
            drawn = ideogram_rules.read(ideogram_rules.V1_MODEL, {"prompt": "a fox", "resolution": size})
        case "ideogram", model:
            drawn = ideogram_rules.read(ideogram_rules.V2_MODELS[model], {"prompt": "a fox", "size": size})
        case _, "flux-3-image":
            body = {"prompt": "a fox", "aspect_ratio": ratio, "resolution": tier}
            drawn = flux_rules.ENDPOINTS["flux-3-image"].read(body)
        case _, "flux-kontext-pro":
            drawn = flux_rules.ENDPOINTS["flux-kontext-pro"].read({"prompt": "a fox", "aspect_ratio": ratio})
        case _, model:
            width, height = size.split("x")
            body = {"prompt": "a fox", "width": int(width), "height": int(height)}
            drawn = flux_rules.ENDPOINTS[model].read(body)
    return drawn.width, drawn.height


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: spec.model)
def test_every_promised_size_is_made(spec: ModelSpec) -> None:
    for tier, sizes in spec.sizes.items():
        for ratio, size in sizes.items():
            assert made(spec, tier, ratio) == (size.width, size.height), (tier, ratio)


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: spec.model)
def test_every_model_has_its_own_speed(spec: ModelSpec) -> None:
    vendor = next(one for one in VENDORS if one.name == spec.provider)
    assert spec.model in vendor.seconds
    doubled = Latency({vendor.name: vendor.seconds}, 2.0)
    assert doubled.seconds(vendor.name, spec.model) == 2 * vendor.seconds[spec.model]
