"""What the pictures say together: how many were kept, and what a kept one cost, by provider and by month."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from uuid import UUID

from sqlmodel import Session

from runtz_core.connections.catalog import Names, names
from runtz_core.vault import months as months_of
from runtz_core.vault import tallies
from runtz_core.vault.tallies import NOTHING, Sum
from runtz_core.vault.terms import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Pictures of one kind. Money is what the pictures here cost, failures not among it; micro-dollars."""

    label: str
    made: int
    kept: int
    credits: int
    usd_micros: int
    hue: str = ""

    @property
    def kept_share(self) -> float:
        """Kept of made, 0 to 1."""
        return self.kept / self.made if self.made else 0.0

    @property
    def credits_per_kept(self) -> float | None:
        """Credits for all of them by those kept; None when none was."""
        return self.credits / self.kept if self.kept else None

    @property
    def usd_micros_per_kept(self) -> float | None:
        """The same in micro-dollars."""
        return self.usd_micros / self.kept if self.kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month, with its providers."""

    month: str  # "2026-11"
    total: Share
    providers: list[Share] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """All pictures but those in the trash; months are the newest first."""

    total: Share
    providers: list[Share] = field(default_factory=list)
    models: list[Share] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)


def statistics(session: Session, user_id: UUID, *, zone: tzinfo = UTC) -> Statistics:
    """The statistics of this person's pictures, from sums kept at hand. Months are those of `zone`."""
    sums = months_of.in_zone(session, user_id, tallies.read(session, user_id), zone)
    everything, kept = sums.get(Show.ALL, {}), sums.get(Show.KEPT, {})
    labels = names(session)

    def share(term: str, label: str, provider: str = "") -> Share:
        made: Sum = everything.get(term, NOTHING)
        return Share(
            label=label,
            made=made.pictures,
            kept=kept.get(term, NOTHING).pictures,
            credits=made.credits,
            usd_micros=made.usd_micros,
            hue=labels.hue(provider) if provider else "",
        )

    providers = [
        share(term, labels.provider(term[2:]), term[2:]) for term in everything if term.startswith("p:")
    ]
    models = [
        share(term, labels.model(term[2:]), _provider(labels, term[2:]))
        for term in everything
        if term.startswith("m:")
    ]
    months = {term[2:]: share(term, term[2:]) for term in everything if term.startswith("d:")}
    inside: dict[str, list[Share]] = {month: [] for month in months}
    for term in everything:
        if term.startswith("y:"):
            _, month, provider = term.split(":", 2)
            inside.setdefault(month, []).append(share(term, labels.provider(provider), provider))
    return Statistics(
        total=share("", "All pictures"),
        providers=sorted(providers, key=_most_made),
        models=sorted(models, key=_most_made),
        months=[
            Month(month=month, total=months[month], providers=sorted(inside[month], key=_most_made))
            for month in sorted(months, reverse=True)
        ],
    )


def _provider(labels: Names, model: str) -> str:
    spec = labels.specs.get(model)
    return spec.provider if spec else ""


def _most_made(share: Share) -> tuple[int, str]:
    return -share.made, share.label
