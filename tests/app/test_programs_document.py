"""What the OpenAPI document of the API for programs promises, asked of the API itself by schemathesis (S41)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi import checks
from sqlmodel import Session

from runtz_app.api.routes import api
from runtz_app.security import Shield, page_policy
from runtz_core.settings import get_settings
from tests.app.client import member, owner, password_hash
from tests.app.programs import token
from tests.app.work import simulated

__all__ = ["owner", "password_hash", "simulated"]  # fixtures

EXAMPLES = 40  # of each operation, right ones and as many wrong ones
served = Shield(api, allowed=("http://testserver",), policy=page_policy([]), https=False)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> list[APIOperation]:
    """Every operation of the document as it is served, at any pace."""
    monkeypatch.setenv("RUNTZ_LIMITS__EVENTS_PER_SECOND", "100000")
    get_settings.cache_clear()
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", served)
    return [result.ok() for result in schema.get_all_operations()]


def test_the_document_covers_every_route(operations: list[APIOperation]) -> None:
    from runtz_app.api.v1.routes import ROUTES

    routed = {
        (method, route.path)
        for route in ROUTES
        for method in (route.methods or {"GET"}) - {"HEAD"}
        if route.path not in ("/api/v1/openapi.json", "/api/v1/{rest:path}")
    }
    assert {(one.method.upper(), f"/api/v1{one.path}") for one in operations} == routed


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_every_answer_is_one_of_those_promised(
    operations: list[APIOperation], session: Session, owner: object, password_hash: str, mode: GenerationMode
) -> None:
    held = token(session, member(session, "ada@vela.studio", password_hash))
    asked = 0
    for operation in operations:

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            nonlocal asked
            asked += 1
            # Words that no model has are refused although their form is right.
            case.call_and_validate(
                headers={"Authorization": f"Bearer {held}"}, excluded_checks=[checks.positive_data_acceptance]
            )

        ask()
    assert asked > 8
