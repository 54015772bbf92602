"""From what the browser sends with Run, and the choices of the composer, to a submission."""

from collections.abc import Mapping, Sequence

from runtz_app.state.choices import Entry
from runtz_core.jobs.requests import ModelChoice, Submission, SubmissionRefused


def submission_of(
    row: Sequence[Entry], ratio: str, samples: int, sent: Mapping[str, str], confirmed: bool
) -> Submission:
    """One picture or `samples` of them from each model that is on. Raises SubmissionRefused for a seed in words."""
    seed = str(sent.get("seed", "")).strip()
    if seed and not (seed.isdecimal() and len(seed) <= 19):
        raise SubmissionRefused("The seed must be a whole number, or empty for a random one.")
    chosen = (entry for entry in row if entry.on and entry.chip.available)
    return Submission(
        submission_key=str(sent.get("submission_key", "")),
        prompt=str(sent.get("prompt", "")),
        negative=str(sent.get("negative", "")) or None,
        models=tuple(ModelChoice(model=entry.chip.model, tier=entry.chip.tier) for entry in chosen),
        ratio=ratio,
        samples=samples,
        seed=int(seed) if seed else None,
        confirmed=confirmed,
    )
