"""What a person chose in the composer, as a value: parsed from the browser, changed, priced, stored again."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from runtz_core.jobs.views import Chip
from runtz_core.providers.base import RATIOS

MOST_MODELS = 64  # in one row; a browser may send anything
STRENGTHLESS = "How far it may go is up to the words: no chosen model takes a strength."


@dataclass(frozen=True, kw_only=True)
class Pick:
    """One model in the row."""

    model: str
    on: bool = True


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One chip of the row as it is drawn."""

    chip: Chip
    on: bool
    first: bool
    last: bool


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The models of one provider that are not in the row."""

    label: str
    hue: str
    chips: list[Chip] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Total:
    """What a run would be: pictures, credits, micro-dollars at the vendors, or why it cannot be."""

    models: int
    pictures: int
    credits: int
    usd_micros: int
    blocked: str
    simulated_note: str


@dataclass(frozen=True, kw_only=True)
class Lacks:
    """What no chosen model can do with pictures put in, in words; "" where one can."""

    pictures: str = ""
    mask: str = ""
    strength: str = ""
    strength_note: str = ""  # who goes by the number, unless all do


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The row in its order, the ratio, the samples, and the tier of each model that has one chosen."""

    row: tuple[Pick, ...] = ()
    tiers: Mapping[str, str] = field(default_factory=dict)
    ratio: str = "1:1"
    samples: int = 1

    def toggled(self, model: str) -> "Choices":
        """With `model` switched over."""
        return self._with(replace(pick, on=not pick.on) if pick.model == model else pick for pick in self.row)

    def with_model(self, model: str) -> "Choices":
        """With `model` at the end of the row, on."""
        return self._with([*self.without(model).row, Pick(model=model)])

    def switched(self, model: str, on: bool) -> "Choices":
        """With `model` on (at the end of the row if it was not in it) or off."""
        if on and all(pick.model != model for pick in self.row):
            return self.with_model(model)
        return self._with(replace(pick, on=on) if pick.model == model else pick for pick in self.row)

    def without(self, model: str) -> "Choices":
        """With `model` taken out."""
        return self._with(pick for pick in self.row if pick.model != model)

    def moved(self, model: str, by: int) -> "Choices":
        """With `model` moved `by` places; the ends of the row hold."""
        row = list(self.row)
        at = next((place for place, pick in enumerate(row) if pick.model == model), None)
        if at is None:
            return self
        row.insert(max(0, at + by), row.pop(at))
        return self._with(row)

    def with_tier(self, model: str, tier: str) -> "Choices":
        """With that tier of `model`."""
        return replace(self, tiers={**self.tiers, model: tier})

    def with_ratio(self, ratio: str) -> "Choices":
        """With that ratio."""
        return replace(self, ratio=ratio)

    def with_samples(self, samples: int) -> "Choices":
        """With that many pictures of each model."""
        return replace(self, samples=samples)

    def settled(self, chips: Sequence[Chip]) -> "Choices":
        """Only with models that exist; an empty row becomes the default run."""
        known = {chip.model for chip in chips}
        row = [pick for pick in self.row if pick.model in known]
        return self._with(row or [Pick(model=chip.model) for chip in chips if chip.in_default_run])

    def as_json(self) -> str:
        """As the browser keeps it."""
        row = [[pick.model, pick.on] for pick in self.row]
        return json.dumps(
            {"row": row, "tiers": dict(self.tiers), "ratio": self.ratio, "samples": self.samples}
        )

    def _with(self, row: Iterable[Pick]) -> "Choices":
        return replace(self, row=tuple(row))


def parse(stored: str, most_samples: int) -> Choices:
    """The choices a browser kept. Anything that is not what we wrote counts as nothing chosen."""
    try:
        kept = json.loads(stored)
        row = tuple(Pick(model=str(model), on=bool(on)) for model, on in kept["row"][:MOST_MODELS])
        tiers = {str(model): str(tier) for model, tier in list(kept["tiers"].items())[:MOST_MODELS]}
        ratio = kept["ratio"] if kept["ratio"] in RATIOS else "1:1"
        return Choices(
            row=row, tiers=tiers, ratio=ratio, samples=min(most_samples, max(1, int(kept["samples"])))
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return Choices()


def entries(choices: Choices, chips: Sequence[Chip]) -> list[Entry]:
    """The row as it is drawn."""
    known = {chip.model: chip for chip in chips}
    last = len(choices.row) - 1
    return [
        Entry(chip=known[pick.model], on=pick.on, first=place == 0, last=place == last)
        for place, pick in enumerate(choices.row)
    ]


def shelves(choices: Choices, chips: Sequence[Chip]) -> list[Shelf]:
    """The models not in the row, by provider in the order the core lists them."""
    taken = {pick.model for pick in choices.row}
    groups = groupby(
        (chip for chip in chips if chip.model not in taken), key=lambda chip: (chip.provider_label, chip.hue)
    )
    return [Shelf(label=label, hue=hue, chips=list(found)) for (label, hue), found in groups]


def summed(row: Sequence[Entry], samples: int, most_pictures: int) -> Total:
    """What running the row would be."""
    chosen = [entry.chip for entry in row if entry.on and entry.chip.available]
    pictures = len(chosen) * samples
    blocked = "" if chosen else "Choose a model"
    if pictures > most_pictures:
        blocked = f"At most {most_pictures} pictures"
    return Total(
        models=len(chosen),
        pictures=pictures,
        credits=sum(chip.price_credits for chip in chosen) * samples,
        usd_micros=sum(chip.price_usd_micros for chip in chosen) * samples,
        blocked=blocked,
        simulated_note=_simulated_note(chosen),
    )


def lacking(row: Sequence[Entry], chips: Sequence[Chip]) -> Lacks:
    """What the models of the row that are switched on cannot do, and which could."""
    on = [entry.chip for entry in row if entry.on]

    heeding = [chip for chip in on if chip.takes_strength]

    def said(what: str, able: Callable[[Chip], bool]) -> str:
        if any(able(chip) for chip in on):
            return ""
        known = dict.fromkeys(chip.label for chip in chips if able(chip))
        return f"No chosen model takes {what}. Switch on {' or '.join(list(known)[:2])}." if known else ""

    return Lacks(
        pictures=said("pictures", lambda chip: chip.pictures > 0),
        mask=said("a mask", lambda chip: chip.takes_mask),
        strength="" if heeding else STRENGTHLESS,
        strength_note=_heeded(heeding, on),
    )


def _heeded(heeding: Sequence[Chip], on: Sequence[Chip]) -> str:
    if not heeding:
        return STRENGTHLESS
    labels = " and ".join(dict.fromkeys(chip.label for chip in heeding))
    return "" if len(heeding) == len(on) else f"{labels} heeds the number; the others go by the words."


def _simulated_note(chosen: Sequence[Chip]) -> str:
    simulated = [chip for chip in chosen if chip.simulated]
    if not simulated:
        return ""
    return "all simulated: $0" if len(simulated) == len(chosen) else f"{len(simulated)} simulated: $0"
