"""What the owner looks over: totals of today and ever, lanes and workers, everybody's money, every model's rule."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from runtz_core import words
from runtz_core.connections import catalog
from runtz_core.credits import rules
from runtz_core.credits.rules import DEFAULT, PAR
from runtz_core.credits.service import price_in_credits
from runtz_core.db import database_now
from runtz_core.flow import lanes
from runtz_core.jobs import house
from runtz_core.jobs.history import usual_seconds
from runtz_core.jobs.standing import is_slow, standing
from runtz_core.users import people


@dataclass(frozen=True, kw_only=True)
class LaneRow:
    """One concurrency limit: a vendor as called with one key."""

    lane: str
    label: str
    hue: str
    running: int
    waiting: int
    oldest: float  # seconds the oldest one has waited
    state: str  # "healthy", "slow", "limited", "down" or "unknown"
    note: str  # why it is limited or down, in a sentence
    latency: str  # of the newest pictures, "11 s"


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The figures at the top of the admin page."""

    people: int
    pictures: int
    stored: str  # "1,204.5 MB"
    credits_today: int
    credits_ever: int
    granted_ever: int
    held: int
    usd_today: str
    usd_ever: str
    unsettled: int
    workers: int
    lanes: list[LaneRow] = field(default_factory=list)


_TOTALS = text("""
SELECT
  (SELECT count(*) FROM users WHERE deleted_at IS NULL) AS people,
  (SELECT count(*) FROM images WHERE deleted_at IS NULL) AS pictures,
  (SELECT coalesce(sum(size), 0) FROM blobs) AS stored,
  (SELECT coalesce(sum(credits), 0) FROM calls WHERE state = 'succeeded' AND created_at >= :since) AS credits_today,
  (SELECT coalesce(sum(amount), 0) FROM entries JOIN accounts ON accounts.id = account_id
   WHERE kind = 'revenue') AS credits_ever,
  (SELECT coalesce(-sum(amount), 0) FROM entries JOIN accounts ON accounts.id = account_id
   WHERE kind = 'grants') AS granted_ever,
  (SELECT coalesce(sum(balance), 0) FROM accounts WHERE kind = 'held') AS held,
  (SELECT coalesce(sum(cost_usd_micros), 0) FROM calls
   WHERE key_owner_id IS NULL AND created_at >= :since) AS usd_today,
  (SELECT coalesce(sum(cost_usd_micros), 0) FROM calls WHERE key_owner_id IS NULL) AS usd_ever,
  (SELECT count(*) FROM calls WHERE state = 'unknown' AND resolution IS NULL) AS unsettled,
  (SELECT count(*) FROM workers WHERE seen_at > clock_timestamp() - make_interval(secs => :alive)) AS workers
""")

_LANES = text("""
SELECT lane, count(*) FILTER (WHERE state = 'running') AS running,
  count(*) FILTER (WHERE state = 'queued') AS waiting,
  coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE state = 'queued')), 0) AS oldest
FROM calls WHERE state IN ('queued', 'running') GROUP BY lane
""")


def totals(session: Session, *, today: date, zone: ZoneInfo, alive: float) -> Totals:
    """Everything together; `today` starts at midnight in `zone`. A worker silent for `alive` seconds is gone."""
    since = datetime(today.year, today.month, today.day, tzinfo=zone)
    row = session.execute(_TOTALS, {"since": since, "alive": alive}).one()
    labels = catalog.names(session)
    return Totals(
        people=row.people,
        pictures=row.pictures,
        stored=words.megabytes(int(row.stored)),
        credits_today=int(row.credits_today),
        credits_ever=int(row.credits_ever),
        granted_ever=int(row.granted_ever),
        held=int(row.held),
        usd_today=words.dollars(int(row.usd_today)),
        usd_ever=words.dollars(int(row.usd_ever)),
        unsettled=row.unsettled,
        workers=row.workers,
        lanes=_lanes(session, labels),
    )


def _lanes(session: Session, labels: catalog.Names) -> list[LaneRow]:
    """Every lane with something to do, and every other one that was ever used."""
    queues = {row.lane: row for row in session.execute(_LANES)}
    known, now = lanes.lanes(session), database_now(session)
    slow = _slow(session, {lanes.provider_of(name) for name in known})
    rows = []
    for name in sorted(queues.keys() | known.keys()):
        queue, found, provider = queues.get(name), standing(known.get(name), now), lanes.provider_of(name)
        if found.state == "healthy" and (said := slow.get((provider, name.endswith("/simulated")))):
            found = replace(found, state="slow", note=said)
        rows.append(
            LaneRow(
                lane=name,
                label=f"{labels.provider(provider)}, {_whose(name)}",
                hue=labels.hue(provider),
                running=queue.running if queue else 0,
                waiting=queue.waiting if queue else 0,
                oldest=float(queue.oldest) if queue else 0.0,
                state=found.state,
                note=found.note,
                latency="" if found.latency is None else words.seconds(found.latency),
            )
        )
    return rows


def _slow(session: Session, providers: Collection[str]) -> dict[tuple[str, bool], str]:
    """What is said of providers (really called, or simulated) with a model that takes much longer than published."""
    specs = {spec.model: spec for spec in catalog.all_models(session) if spec.provider in providers}
    kinds = [
        (spec.model, tier, simulated)
        for spec in specs.values()
        for tier in spec.tiers
        for simulated in (True, False)
    ]
    return {
        (specs[model].provider, simulated): f"{specs[model].label}: "
        + words.slow(seconds, specs[model].usual_seconds)
        for (model, _, simulated), seconds in usual_seconds(session, kinds).items()
        if is_slow(specs[model], seconds)
    }


def _whose(lane: str) -> str:
    whose = lane.rpartition("/")[2]
    return whose if whose == "simulated" else "our key" if whose == "installation" else "somebody's own key"


@dataclass(frozen=True, kw_only=True)
class PersonMoney:
    """One person on the admin page."""

    user_id: str
    name: str
    email: str
    role: str
    tier: str
    disabled: bool
    available: int
    held: int
    spent: int  # credits in the last 30 days
    stored: str
    daily_cap: str  # "" for the house's
    storage_quota: str  # in MB, "" for the house's


_MONEY = text("""
SELECT users.id, users.daily_cap, users.storage_quota,
  coalesce((SELECT balance FROM accounts WHERE user_id = users.id AND kind = 'available'), 0) AS available,
  coalesce((SELECT balance FROM accounts WHERE user_id = users.id AND kind = 'held'), 0) AS held,
  (SELECT coalesce(sum(credits), 0) FROM calls
   WHERE user_id = users.id AND state = 'succeeded' AND created_at >= :since) AS spent,
  (SELECT coalesce(sum(size), 0) FROM images JOIN blobs USING (sha256)
   WHERE images.user_id = users.id AND deleted_at IS NULL) AS stored
FROM users
""")


def everybody(session: Session, *, now: datetime) -> list[PersonMoney]:
    """Everybody who has not left, the oldest account first, with what they have and spent."""
    money = {row.id: row for row in session.execute(_MONEY, {"since": now - timedelta(days=30)})}
    return [
        PersonMoney(
            user_id=str(row.user_id),
            name=row.name,
            email=row.email,
            role=str(row.role),
            tier=str(row.tier),
            disabled=row.disabled,
            available=int(money[row.user_id].available),
            held=int(money[row.user_id].held),
            spent=int(money[row.user_id].spent),
            stored=words.megabytes(int(money[row.user_id].stored)),
            daily_cap=_written(money[row.user_id].daily_cap),
            storage_quota=_written(money[row.user_id].storage_quota, 1_000_000),
        )
        for row in people.people(session)
        if not row.deleted
    ]


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model's rule."""

    model: str
    label: str
    provider_label: str
    hue: str
    enabled: bool
    markup: str  # percent of the price
    price: str  # one picture at its default tier, in credits and money


def models(session: Session) -> list[ModelRow]:
    """Every model with the rule in force and what a square picture costs by it."""
    known, labels = rules.rules(session), catalog.names(session)
    rows = []
    for spec in catalog.all_models(session):
        rule = known.get(spec.model, DEFAULT)
        micros = spec.price(spec.default_tier, spec.choose("1:1", spec.default_tier).size)
        due = words.credits(price_in_credits(micros, rule.markup))
        rows.append(
            ModelRow(
                model=spec.model,
                label=spec.label,
                provider_label=labels.provider(spec.provider),
                hue=labels.hue(spec.provider),
                enabled=rule.enabled,
                markup=f"{rule.markup * 100 / PAR:g}",
                price=f"{due} for {words.dollars(micros)}",
            )
        )
    return rows


@dataclass(frozen=True, kw_only=True)
class CapRow:
    """A provider and its daily cap."""

    provider: str
    label: str
    hue: str
    cap: str  # "" for none


def provider_caps(session: Session) -> list[CapRow]:
    """Every provider there is, and its cap."""
    caps, labels = house.provider_caps(session), catalog.names(session)
    used = dict.fromkeys(spec.provider for spec in catalog.all_models(session))
    return [
        CapRow(
            provider=provider,
            label=labels.provider(provider),
            hue=labels.hue(provider),
            cap=_written(caps.get(provider)),
        )
        for provider in used
    ]


def _written(limit: int | None, unit: int = 1) -> str:
    return "" if limit is None else f"{limit / unit:g}" if limit % unit else str(limit // unit)
