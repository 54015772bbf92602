"""The conversations with text models that are judged: every form, every refusal, and answers that say nothing."""

from runtz_core.providers.base import Connection, Progress, ProviderError
from runtz_core.providers.models.texts import text_models
from runtz_core.providers.registry import open_text, simulator_base_url
from runtz_core.providers.text import Picture, TextProvider, TextTask
from runtz_sim.conformance.recording import Recorder
from runtz_sim.faults import FaultKind
from runtz_sim.texts.mind import QUIRKS
from runtz_sim.vendors import EVERYBODY

_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"prompt": {"type": "string"}, "style": {"type": "string"}},
    "required": ["prompt", "style"],
}
_PIXEL = Picture(data=b"\x89PNG\r\n\x1a\n", media_type="image/png")


async def with_texts(recorder: Recorder, url: str, vendor: str) -> None:
    """Ask every text model of a vendor for words, and once for each way it refuses."""
    base_url = simulator_base_url(vendor, url)
    adapter = open_text(Connection(provider=vendor, base_url=base_url, api_key="simulated", simulated=True))
    try:
        for spec in text_models(vendor):
            recorder.case(f"{spec.model} writes")
            await _ask(adapter, spec.model, "a fox")
            recorder.case(f"{spec.model} looks at a picture")
            await _ask(adapter, spec.model, "a fox", _PIXEL)
            for kind in _failing(vendor):
                recorder.case(f"{spec.model} fails: {kind}")
                await _ask(adapter, spec.model, f"[fail:{kind}@{vendor}] a fox")
    finally:
        await adapter.close()


def _failing(vendor: str) -> list[FaultKind]:
    found = next(one for one in EVERYBODY if one.name == vendor)
    return sorted({*found.refusals, *QUIRKS})


async def _ask(adapter: TextProvider, model: str, words: str, *pictures: Picture) -> None:
    task = TextTask(
        model=model,
        instructions="Describe it.",
        words=words,
        schema_name="description",
        schema=_SCHEMA,
        pictures=pictures,
        max_tokens=500,
    )
    try:
        await adapter.write(task, Progress())
    except ProviderError:
        return
