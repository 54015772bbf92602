"""An adapter asked for one picture of a vendor whose answers were written by hand."""

import dataclasses
import json
from typing import Any

import pytest

from runtz_core.providers.base import Connection, Done, ImageRequest, Pending, Progress, ProviderError, Size
from runtz_core.providers.registry import open_provider
from tests.providers.stub import Stub, answer

REQUEST = ImageRequest(model="m", prompt="a fox in the snow", tier="low", ratio="1:1", size=Size(1024, 1024))


PNG = "iVBORw0KGgo="


def said(code: int = 200, /, **body: Any) -> bytes:
    return answer(code, json.dumps(body).encode(), content_type="application/json")


async def start(
    vendor: Stub, provider: str, *, model: str = "m", path: str = "", key: str | None = "key-0123456789"
) -> Pending | Done:
    adapter = open_provider(Connection(provider=provider, base_url=vendor.url + path, api_key=key))
    try:
        return await adapter.start(dataclasses.replace(REQUEST, model=model), Progress())
    finally:
        await adapter.close()


async def check(vendor: Stub, provider: str, reference: str) -> Pending | Done:
    adapter = open_provider(Connection(provider=provider, base_url=vendor.url, api_key="key-0123456789"))
    try:
        return await adapter.check(reference)
    finally:
        await adapter.close()


async def failure(vendor: Stub, provider: str, **how: Any) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        await start(vendor, provider, **how)
    return failed.value
