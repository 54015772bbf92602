"""The conversations that are judged: our own adapters and the vendors' SDKs, every model and every refusal."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import openai

from runtz_core.providers.base import (
    Connection,
    ImageRequest,
    InputPicture,
    ModelSpec,
    Pending,
    Progress,
    ProviderError,
    Role,
    Size,
)
from runtz_core.providers.registry import PROVIDERS, open_provider, simulator_base_url
from runtz_sim.conformance.recording import Recorder
from runtz_sim.conformance.texts import with_texts
from runtz_sim.faults import FaultKind, Stage
from runtz_sim.simulation import Simulation
from runtz_sim.vendors import VENDORS, flux_rules
from runtz_sim.vendors.openai_rules import MODELS as OPENAI_MODELS

_RATIOS = ("1:1", "16:9", "9:16")
# Kinds that break the wire format on purpose cannot be held against its description.
_LIES = frozenset({FaultKind.UNKNOWN_STATUS, FaultKind.MID_STREAM_ERROR})
_POLL_SECONDS = 0.05  # the fast simulator has nothing to wait for but its drawing
_SIDE = 64  # pixels


def _png(mode: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new(mode, (_SIDE, _SIDE)).save(buffer, "PNG")
    return buffer.getvalue()


_PNG = ("in.png", _png("RGB"), "image/png")


async def drive(recorder: Recorder, simulation: Simulation, url: str, vendors: Sequence[str]) -> None:
    """Hold every conversation with these vendors at `url`."""
    if "anthropic" in vendors:
        await with_texts(recorder, url, "anthropic")
    for vendor in (one for one in vendors if PROVIDERS[one].models):
        await _with_adapters(recorder, simulation, url, vendor)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        if "openai" in vendors:
            await _with_openai_sdk(recorder, url)
        if "flux" in vendors:
            await _plain_flux(recorder, simulation, http)
        if "ideogram" in vendors:
            await _plain_ideogram(recorder, http)


async def _with_adapters(recorder: Recorder, simulation: Simulation, url: str, vendor: str) -> None:
    base_url = simulator_base_url(vendor, url)
    connection = Connection(provider=vendor, base_url=base_url, api_key="simulated", simulated=True)
    adapter = open_provider(connection)
    try:
        recorder.case("the key is tested")
        await adapter.probe()
        specs = PROVIDERS[vendor].models
        for spec in specs:
            for tier, ratio in [
                *((tier, "1:1") for tier in spec.tiers),
                *((spec.default_tier, one) for one in _RATIOS),
            ]:
                recorder.case(f"{spec.model} {tier} {ratio}")
                await _buy(adapter, spec, tier, ratio, "a fox")
        for spec in specs:
            for what, put_in in _put_in(spec).items():
                recorder.case(f"{spec.model} {what}")
                await _buy(adapter, spec, spec.default_tier, "1:1", "a fox", put_in)
        for spec in specs:
            for kind in _refusals(vendor):
                recorder.case(f"{spec.model} fails: {kind}")
                await _buy(adapter, spec, spec.default_tier, "1:1", f"[fail:{kind}@{vendor}] a fox")
    finally:
        await adapter.close()
    for key in ("bad-key", "quota-key"):
        refused = open_provider(Connection(provider=vendor, base_url=base_url, api_key=key, simulated=True))
        recorder.case(f"{key} is refused")
        await _buy(refused, specs[0], specs[0].default_tier, "1:1", "a fox")
        await refused.close()


def _refusals(vendor: str) -> list[FaultKind]:
    found = next(one for one in VENDORS if one.name == vendor)
    at_free = {kind for kind, stage in found.oddities.items() if stage is Stage.FREE}
    return sorted({*found.refusals, *found.oddities} - _LIES - at_free)


def _put_in(spec: ModelSpec) -> dict[str, tuple[InputPicture, ...]]:
    """Every way pictures go into this model."""
    if not spec.max_references:
        return {}
    base, reference = _input(Role.BASE), _input(Role.REFERENCE)
    found: dict[str, tuple[InputPicture, ...]] = {"a variation": (base,), "with a reference": (reference,)}
    if spec.max_references > 1:
        found["an edit by a reference"] = (base, reference)
    return found | ({"with a mask": (base, _input(Role.MASK))} if spec.takes_mask else {})


def _input(role: Role) -> InputPicture:
    return InputPicture(
        image_id=UUID(int=0),
        role=role,
        sha256="0" * 64,
        media_type="image/png",
        size=Size(_SIDE, _SIDE),
        data=_png("L" if role is Role.MASK else "RGB"),
    )


async def _buy(
    adapter: Any,
    spec: ModelSpec,
    tier: str,
    ratio: str,
    prompt: str,
    put_in: tuple[InputPicture, ...] = (),
) -> None:
    """Order and follow through to the picture, or to the refusal that was asked for."""
    chosen = spec.choose(ratio, tier)
    seed = None if spec.max_seed is None else 7
    request = ImageRequest(
        model=spec.model,
        prompt=prompt,
        tier=tier,
        ratio=chosen.ratio,
        size=chosen.size,
        seed=seed,
        inputs=put_in,
        strength=40 if put_in and spec.takes_strength else None,
    )
    try:
        answer = await adapter.start(request, Progress())
        while isinstance(answer, Pending):
            await asyncio.sleep(min(answer.retry_in, _POLL_SECONDS))
            answer = await adapter.check(answer.reference)
    except ProviderError:
        return


async def _with_openai_sdk(recorder: Recorder, url: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/openai/v1", api_key="simulated", max_retries=0) as client:
        recorder.case("models are listed by the SDK")
        await client.models.list()
        for model in OPENAI_MODELS:
            recorder.case(f"{model} by the SDK")
            await client.images.generate(model=model, prompt="a fox", size="1024x1024")
        recorder.case("dall-e-3 as base64 by the SDK")
        await client.images.generate(
            model="dall-e-3", prompt="a fox", response_format="b64_json", style="natural"
        )
        recorder.case("two pictures in webp by the SDK")
        await client.images.generate(
            model="gpt-image-2",
            prompt="a fox",
            n=2,
            output_format="webp",
            output_compression=80,
            background="opaque",
        )
        recorder.case("an edit of one picture by the SDK")
        await client.images.edit(model="gpt-image-2", prompt="a fox", image=_PNG, size="1024x1024")
        recorder.case("an edit of two pictures by the SDK")
        await client.images.edit(model="gpt-image-2", prompt="a fox", image=[_PNG, _PNG], quality="low", n=1)
        recorder.case("a streamed edit by the SDK")
        async for _ in await client.images.edit(
            model="gpt-image-2", prompt="a fox", image=_PNG, stream=True, partial_images=1, size="1024x1024"
        ):
            pass
        recorder.case("a size nobody makes, by the SDK", sound=False)
        try:
            await client.images.generate(model="gpt-image-2", prompt="a fox", size="7x7")
        except openai.BadRequestError:
            return


async def _plain_flux(recorder: Recorder, simulation: Simulation, http: httpx.AsyncClient) -> None:
    headers = {"x-key": "simulated"}
    for model in flux_rules.ENDPOINTS:
        recorder.case(f"{model}, plain")
        accepted = (await http.post(f"/flux/v1/{model}", headers=headers, json={"prompt": "a fox"})).json()
        await http.get(accepted["polling_url"], headers=headers)
    recorder.case("a webhook order")
    body: dict[str, Any] = {"prompt": "a fox", "webhook_url": "https://example.com/hook"}
    await http.post("/flux/v1/flux-2-pro", headers=headers, json=body)
    recorder.case("every state on the way")
    simulation.latency.set("flux", None, 1000)
    for model in ("flux-2-pro", "flux-3-image"):
        accepted = (await http.post(f"/flux/v1/{model}", headers=headers, json={"prompt": "a fox"})).json()
        for _ in range(3):
            await http.get(accepted["polling_url"], headers=headers)
            simulation.advance(300)
    simulation.latency.reset()
    recorder.case("wrong on purpose", sound=False)
    for wrong in ({}, {"prompt": "a fox", "width": 63}, {"prompt": "a fox", "seed": "x"}):
        await http.post("/flux/v1/flux-2-pro", headers=headers, json=wrong)
    await http.get("/flux/v1/get_result", headers=headers)
    await http.get("/flux/v1/get_result?id=nothing", headers=headers)


async def _plain_ideogram(recorder: Recorder, http: httpx.AsyncClient) -> None:
    path, headers = "/ideogram/v1/ideogram-v3/generate", {"Api-Key": "simulated"}
    recorder.case("a form")
    fields = {
        "prompt": "a fox",
        "num_images": "2",
        "seed": "7",
        "rendering_speed": "TURBO",
        "aspect_ratio": "16x9",
    }
    await http.post(path, headers=headers, data=fields, files={"style_reference_images": _PNG})
    recorder.case("a picture that is not safe")
    await http.post(path, headers=headers, json={"prompt": "[fail:content_blocked stage=output] a fox"})
    recorder.case("wrong on purpose", sound=False)
    for wrong in ({}, {"prompt": "a fox", "resolution": "1x1"}, {"prompt": "a fox", "seed": -1}):
        await http.post(path, headers=headers, json=wrong)
