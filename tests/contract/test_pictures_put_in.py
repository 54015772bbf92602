"""Pictures that go in: every adapter sends them the vendor's way, masks in its polarity, and is judged for it."""

import dataclasses
import io
from uuid import UUID

import pytest
from PIL import Image

from runtz_core.failures import FailureKind
from runtz_core.providers import masks
from runtz_core.providers.base import (
    ImageRequest,
    InputPicture,
    ModelSpec,
    ProviderError,
    Role,
    Size,
)
from tests.contract.subjects import MODELS, asked, model, opened, picture
from tests.sim.simulator import Simulator

SIDE = 64
RED = (220, 20, 20)
# One for each way pictures are sent, and each way a mask is.
ONE_EACH = (
    "gpt-image-2.6-flare",
    "gemini-nano-banana-2.1",
    "ideogram-4-5",
    "ideogram-3",
    "flux-2-pro",
    "flux-3-image",
    "flux-kontext-pro",
)


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def put_in(role: Role, image: Image.Image) -> InputPicture:
    return InputPicture(
        image_id=UUID(int=1),
        role=role,
        sha256="0" * 64,
        media_type="image/png",
        size=Size(*image.size),
        data=encoded(image),
    )


BASE = put_in(Role.BASE, Image.new("RGB", (SIDE, SIDE), RED))
REFERENCE = put_in(Role.REFERENCE, Image.new("RGB", (SIDE, SIDE), (20, 20, 220)))


def half_mask(side: int = SIDE) -> InputPicture:
    """The left half may change."""
    drawn = Image.new("L", (side, side), 0)
    drawn.paste(255, (0, 0, side // 2, side))
    return put_in(Role.MASK, drawn)


def with_inputs(spec: ModelSpec, *inputs: InputPicture, strength: int | None = None) -> ImageRequest:
    return dataclasses.replace(asked(spec), inputs=inputs, strength=strength)


def nearness(data: bytes, left: bool) -> float:
    """How far the pixels of one half are from the base's red, 0 to 255 on average."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((8, 8), Image.Resampling.BOX)
    columns = range(3) if left else range(5, 8)
    seen = [small.getpixel((x, y)) for x in columns for y in range(8)]
    return sum(abs(one[band] - RED[band]) for one in seen for band in range(3)) / (3 * len(seen))


@pytest.mark.parametrize("spec", [model(name) for name in ONE_EACH], ids=lambda spec: spec.model)
async def test_as_many_pictures_as_the_model_takes_go_in_and_are_billed(
    simulator: Simulator, spec: ModelSpec
) -> None:
    inputs = (BASE, *[REFERENCE] * (spec.max_references - 1))
    request = with_inputs(spec, *inputs, strength=20 if spec.takes_strength else None)
    async with opened(simulator, spec) as provider:
        done = await picture(provider, request)
    (call,) = simulator.calls()
    assert (call["outcome"], call["billed"]) == ("answered", True)
    assert nearness(done.data, left=True) < 140, "the picture put in shows in the one that came out"
    assert done.cost is not None
    expected = spec.price(request.tier, request.size) + spec.input_price([one.size for one in inputs])
    assert expected // 2 <= done.cost.usd_micros <= expected + 2_000


@pytest.mark.parametrize("name", ["gpt-image-2.6-flare", "gemini-nano-banana-2.1", "flux-2-pro"])
def test_a_vendor_that_counts_what_goes_in_is_paid_for_it(name: str) -> None:
    assert model(name).input_price([BASE.size]) > 0


async def test_the_strength_is_how_far_the_picture_may_go(simulator: Simulator) -> None:
    spec = model("ideogram-4-5")
    async with opened(simulator, spec) as provider:
        close = await picture(provider, with_inputs(spec, BASE, strength=5))
        far = await picture(provider, with_inputs(spec, BASE, strength=95))
    assert nearness(close.data, left=True) < 20 < nearness(far.data, left=True)


@pytest.mark.parametrize(
    "spec",
    [spec for spec in MODELS if spec.takes_mask and spec.model in ONE_EACH],
    ids=lambda spec: spec.model,
)
async def test_only_what_the_mask_marks_changes(simulator: Simulator, spec: ModelSpec) -> None:
    async with opened(simulator, spec) as provider:
        done = await picture(provider, with_inputs(spec, BASE, half_mask()))
    assert nearness(done.data, left=False) < 12 < nearness(done.data, left=True)


@pytest.mark.parametrize("name", ["gpt-image-2.6-flare", "ideogram-4-5", "flux-2-pro"])
async def test_a_file_that_is_no_picture_is_refused_unbilled(simulator: Simulator, name: str) -> None:
    spec = model(name)
    broken = dataclasses.replace(BASE, data=b"not a picture")
    async with opened(simulator, spec) as provider:
        with pytest.raises(ProviderError) as refused:
            await picture(provider, with_inputs(spec, broken))
    assert refused.value.kind is FailureKind.INVALID
    assert not any(call["billed"] for call in simulator.calls())


async def test_a_mask_of_another_size_is_refused(simulator: Simulator) -> None:
    spec = model("gpt-image-2.6-flare")
    async with opened(simulator, spec) as provider:
        with pytest.raises(ProviderError) as refused:
            await picture(provider, with_inputs(spec, BASE, half_mask(32)))
    assert refused.value.kind is FailureKind.INVALID


async def test_one_mask_in_every_polarity() -> None:
    mask = half_mask().data
    with Image.open(io.BytesIO(await masks.clear_where_marked(mask))) as clear:
        assert clear.mode == "RGBA"
        assert (clear.getpixel((0, 0))[3], clear.getpixel((SIDE - 1, 0))[3]) == (0, 255)
    with Image.open(io.BytesIO(await masks.black_where_marked(mask))) as black:
        assert (black.getpixel((0, 0)), black.getpixel((SIDE - 1, 0))) == (0, 255)
