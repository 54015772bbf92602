"""What the contract tests are run over: one model for each way an adapter talks, and helpers to run it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from runtz_core.providers.addresses import Reach
from runtz_core.providers.base import (
    Connection,
    Done,
    ImageProvider,
    ImageRequest,
    ModelSpec,
    Pending,
    Progress,
)
from runtz_core.providers.exchange import Deadlines
from runtz_core.providers.http import open_client
from runtz_core.providers.models.compatible import compatible_spec
from runtz_core.providers.registry import PROVIDERS, all_specs, open_provider
from tests.sim.simulator import Simulator

PROMPT = "a lighthouse folded from paper cranes at dusk"
KEY = "contract-key-0123456789"

LOCAL = tuple(
    compatible_spec(
        provider="custom-garage",
        model=model,
        label=model,
        sizes={"1:1": [512, 512], "3:2": [768, 512]},
        usd_micros=0,
    )
    for model in ("sd-cpp-local", "localai")
)
MODELS: tuple[ModelSpec, ...] = (*all_specs(), *LOCAL)

# One for each path through an adapter's code.
PATHS = (
    "gpt-image-2.6-flare",
    "dall-e-3",
    "gemini-nano-banana-2.1",
    "ideogram-4-5",
    "ideogram-3",
    "flux-2-klein-9b",
    "flux-3-image",
    "sd-cpp-local",
)


def model(name: str) -> ModelSpec:
    return next(spec for spec in MODELS if spec.model == name)


def vendor(spec: ModelSpec) -> str:
    """The simulator's name for the provider."""
    return spec.provider if spec.provider in PROVIDERS else "compatible"


def asked(
    spec: ModelSpec, *, ratio: str = "1:1", tier: str | None = None, prompt: str = PROMPT
) -> ImageRequest:
    tier = tier or spec.default_tier
    choice = spec.choose(ratio, tier)
    return ImageRequest(
        model=spec.model,
        prompt=prompt,
        tier=tier,
        ratio=choice.ratio,
        size=choice.size,
        seed=None if spec.max_seed is None else 7,
    )


def connection(simulator: Simulator, spec: ModelSpec, key: str = KEY) -> Connection:
    return Connection(
        provider=spec.provider, base_url=simulator.base_url(vendor(spec)), api_key=key, simulated=True
    )


@asynccontextmanager
async def opened(
    simulator: Simulator,
    spec: ModelSpec,
    *,
    key: str = KEY,
    deadlines: Deadlines | None = None,
    client: Callable[[Reach], httpx2.AsyncClient] = open_client,
) -> AsyncIterator[ImageProvider]:
    """The real adapter on the simulator."""
    provider = open_provider(connection(simulator, spec, key), deadlines=deadlines, client=client)
    try:
        yield provider
    finally:
        await provider.close()


@dataclass
class Told:
    """What an adapter told while it worked."""

    sent: int = 0
    partials: list[tuple[int, bytes]] = field(default_factory=list)

    def progress(self) -> Progress:
        async def sent() -> None:
            self.sent += 1

        async def partial(index: int, data: bytes) -> None:
            self.partials.append((index, data))

        return Progress(sent=sent, partial=partial)


async def picture(provider: ImageProvider, request: ImageRequest, told: Told | None = None) -> Done:
    """Buy one picture and ask until it is there."""
    outcome: Pending | Done = await provider.start(request, (told or Told()).progress())
    async with asyncio.timeout(60):
        while isinstance(outcome, Pending):
            outcome = await provider.check(outcome.reference)
    return outcome
