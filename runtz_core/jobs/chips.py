"""The composer's chips: every model with its price, size, health and why it may not be available."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from runtz_core import words
from runtz_core.connections import catalog
from runtz_core.connections import service as connections
from runtz_core.credits import rules
from runtz_core.credits.rules import Rule
from runtz_core.db import database_now
from runtz_core.flow import lanes
from runtz_core.flow.models import Lane
from runtz_core.jobs.history import Kind, usual_seconds
from runtz_core.jobs.pricing import lane, price
from runtz_core.jobs.requests import SubmissionRefused, input_problem
from runtz_core.jobs.service import check_runnable
from runtz_core.jobs.standing import Standing, is_slow, standing
from runtz_core.jobs.views import Chip
from runtz_core.providers.base import Connection, ModelSpec, Role, Size
from runtz_core.providers.registry import entry, sunset_notice
from runtz_core.settings import Settings

# One model of each of four vendors: what a newcomer's first run asks.
DEFAULT_RUN = ("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")


def chips(
    session: Session,
    settings: Settings,
    user_id: UUID,
    *,
    ratio: str,
    tiers: Mapping[str, str],
    today: date,
    put_in: Sequence[tuple[Role, Size]] = (),
) -> list[Chip]:
    """Every model as it would run now at `ratio`; `tiers` holds the person's choices (model → tier).

    `put_in` is what pictures go in: models that do not take them say so.
    """
    specs = catalog.all_models(session)
    labels = catalog.names(session)
    ways = {
        provider: connections.resolve(session, settings, provider, user_id)
        for provider in dict.fromkeys(spec.provider for spec in specs)
    }
    chosen = {spec.model: _tier(spec, tiers) for spec in specs}
    usual = usual_seconds(
        session, ((spec.model, chosen[spec.model], ways[spec.provider].simulated) for spec in specs)
    )
    known_lanes, now = lanes.lanes(session), database_now(session)
    known = rules.rules(session)
    return [
        _chip(
            spec,
            ways[spec.provider],
            known.get(spec.model, rules.DEFAULT),
            labels,
            ratio=ratio,
            tier=chosen[spec.model],
            usual=usual,
            row=known_lanes.get(lane(ways[spec.provider])),
            now=now,
            today=today,
            put_in=put_in,
        )
        for spec in specs
    ]


def _tier(spec: ModelSpec, tiers: Mapping[str, str]) -> str:
    wanted = tiers.get(spec.model, "")
    return wanted if wanted in spec.tiers else spec.default_tier


def _chip(
    spec: ModelSpec,
    way: Connection,
    rule: Rule,
    labels: catalog.Names,
    *,
    ratio: str,
    tier: str,
    usual: Mapping[Kind, float],
    row: Lane | None,
    now: datetime,
    today: date,
    put_in: Sequence[tuple[Role, Size]],
) -> Chip:
    choice = spec.choose(ratio, tier)
    due = price(spec, tier, choice.size, rule, way, [size for role, size in put_in if role is not Role.MASK])
    reason = _reason(spec, way, rule, row) or input_problem(spec, [role for role, _ in put_in]) or ""
    seconds = usual.get((spec.model, tier, way.simulated))
    found = standing(row, now)
    state, state_text, note = _health(spec, found, seconds)
    return Chip(
        provider=spec.provider,
        provider_label=labels.provider(spec.provider),
        hue=labels.hue(spec.provider),
        model=spec.model,
        label=spec.label,
        tiers=list(spec.tiers),
        tier=tier,
        price_credits=due.credits,
        price_usd_micros=0 if way.simulated else due.usd_micros,
        simulated=way.simulated,
        available=not reason,
        reason=reason,
        health=state,
        health_text=state_text,
        health_note=note,
        size=f"{choice.size.width}×{choice.size.height}",
        ratio_note="" if choice.exact else f"nearest it makes is {choice.ratio}",
        takes_seed=spec.max_seed is not None,
        takes_mask=spec.takes_mask,
        takes_strength=spec.takes_strength,
        pictures=spec.max_references,
        sunset=sunset_notice(spec, today) or "",
        in_default_run=spec.model in DEFAULT_RUN,
    )


def _reason(spec: ModelSpec, way: Connection, rule: Rule, row: Lane | None) -> str:
    """Why this model cannot run now, or ""."""
    try:
        check_runnable(spec, way, rule)
    except SubmissionRefused as refused:
        return refused.problem
    if entry(spec.provider).needs_key and not way.api_key and not way.simulated:
        return "No key: add one in Settings."
    mark = "" if row is None or way.simulated else row.refused_key
    if row is not None and mark and mark == lanes.fingerprint(row.lane, way.api_key or ""):
        return "Its key was refused: put in a new one in Settings."
    return ""


def _health(spec: ModelSpec, found: Standing, seconds: float | None) -> tuple[str, str, str]:
    """The chip's state, its words with the latency of late, as far as there is one, and a sentence."""
    if found.state in ("down", "limited"):
        said = "not answering" if found.state == "down" else "limited"
        return found.state, said if seconds is None else f"{said}, {words.seconds(seconds)}", found.note
    if seconds is None:
        return "unknown", f"about {spec.usual_seconds:.0f} s", ""
    if is_slow(spec, seconds):
        return "slow", f"slow, {words.seconds(seconds)}", words.slow(seconds, spec.usual_seconds)
    return "ok", words.seconds(seconds), words.healthy(seconds)
