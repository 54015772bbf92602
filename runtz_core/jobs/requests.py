"""From a submission to what each model is really asked: checking words, mapping ratios, freezing the request."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from runtz_core.providers.base import ImageRequest, InputPicture, ModelSpec, Role, Size, SizeChoice
from runtz_core.providers.models.upscalers import enlarged, factor_of
from runtz_core.settings import Limits


class SubmissionRefused(Exception):
    """The submission cannot run as it is. `problem` is one sentence that says what to do; nothing was spent."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """One model of a run and its quality or resolution tier; an empty tier means the model's default."""

    model: str
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Prompts written for single models from the person's own words, which stay the job's prompt."""

    writer: str  # as people read it: a model's label, the built-in rules, or that the person edited it
    prompts: Mapping[str, str] = field(default_factory=dict)  # model -> prompt

    def as_json(self) -> dict[str, Any]:
        """As kept on the job's row."""
        return {"writer": self.writer, "prompts": dict(self.prompts)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> "Writing | None":
        """What a job's row keeps; None for a job that ran on the person's words alone."""
        return cls(writer=kept["writer"], prompts=kept["prompts"]) if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a person asked for. `submission_key` makes a repeated click the same job."""

    submission_key: str
    prompt: str
    models: tuple[ModelChoice, ...]
    ratio: str = "1:1"
    samples: int = 1
    seed: int | None = None
    negative: str | None = None
    confirmed: bool = False  # the person was asked, because the run is dear
    writing: Writing | None = None  # the prompts of single models, where somebody wrote them from `prompt`
    base: UUID | None = None  # the picture to be changed; with these four see jobs.inputs
    references: tuple[UUID, ...] = ()
    mask: UUID | None = None
    strength: int | None = None  # 1 (hardly any change) to 100 (anything goes)
    remix: str | None = None


UPSCALE = "upscale"  # what `remix` says of enlargements
MOST_ENLARGED = 50_000_000  # pixels that come out
MAX_SEED = 2**31 - 1  # what every vendor with a seed accepts


def check_words(text: str, what: str, limits: Limits) -> str:
    """`text` without outer space. Raises SubmissionRefused for words no vendor and no database can take."""
    if len(text) > limits.prompt_chars:
        raise SubmissionRefused(
            f"The {what} has {len(text):,} characters; shorten it to {limits.prompt_chars:,} or fewer."
        )
    for sign in text:
        category = unicodedata.category(sign)
        if category == "Cs":
            raise SubmissionRefused(f"The {what} holds a broken character (half an emoji?); type it again.")
        if category == "Cc" and sign not in "\n\r\t":
            raise SubmissionRefused(f"The {what} holds a control character (U+{ord(sign):04X}); remove it.")
    return text.strip()


def check_submission(submission: Submission, limits: Limits) -> None:
    """Everything that can be said without looking at models. Raises SubmissionRefused."""
    if not check_words(submission.prompt, "prompt", limits):
        raise SubmissionRefused("Write a prompt first.")
    check_words(submission.negative or "", "negative prompt", limits)
    for written in submission.writing.prompts.values() if submission.writing else ():
        check_words(written, "prompt written for a model", limits)
    if not submission.models:
        raise SubmissionRefused("Choose at least one model.")
    for choice in submission.models:
        check_words(choice.model, "name of a model", limits)
        check_words(choice.tier, "tier of a model", limits)
    for what, named in {
        "ratio": submission.ratio,
        "kind of remix": submission.remix or "",
        "submission key": submission.submission_key,
    }.items():
        check_words(named, what, limits)
    if not 1 <= submission.samples <= limits.samples:
        raise SubmissionRefused(f"Samples must be between 1 and {limits.samples}, not {submission.samples}.")
    if submission.seed is not None and not 0 <= submission.seed <= MAX_SEED:
        raise SubmissionRefused(f"The seed must be between 0 and {MAX_SEED:,}, not {submission.seed}.")
    if len({choice.model for choice in submission.models}) < len(submission.models):
        raise SubmissionRefused("A model is chosen twice; use samples for more pictures of one model.")
    total = len(submission.models) * submission.samples
    if total > limits.generations_per_job:
        raise SubmissionRefused(
            f"That is {total} pictures; one job takes {limits.generations_per_job}. Use fewer models or samples."
        )
    if not 1 <= len(submission.submission_key) <= 200:
        raise SubmissionRefused("The page sent no submission key; reload it and run again.")


def build(
    submission: Submission,
    spec: ModelSpec,
    tier: str,
    sample: int,
    inputs: Sequence[InputPicture] = (),
) -> tuple[ImageRequest, dict[str, Any]]:
    """The request for one sample, and the notes that its receipt shows. Raises SubmissionRefused."""
    if spec.upscales or submission.remix == UPSCALE:
        return _enlargement(submission, spec, tier, inputs)
    choice = _size(spec, submission.ratio, tier)
    if problem := input_problem(spec, [one.role for one in inputs]):
        raise SubmissionRefused(problem)
    strength = submission.strength if any(one.role is Role.BASE for one in inputs) else None
    prompt, notes = _prompt(submission, spec)
    if strength is not None and not spec.takes_strength:
        prompt, notes = f"{prompt}\n\n{_strength_in_words(strength)}", notes | {"strength_folded": strength}
    if len(prompt) > spec.prompt_chars:
        raise SubmissionRefused(
            f"{spec.label} takes {spec.prompt_chars:,} characters; this prompt has {len(prompt):,}. "
            "Shorten it or switch that model off."
        )
    seed = None
    if submission.seed is not None and spec.max_seed is not None:
        # Each sample gets its own seed, or all samples of a model would be one picture.
        seed = (submission.seed + sample) % (min(spec.max_seed, MAX_SEED) + 1)
    request = ImageRequest(
        model=spec.model,
        prompt=prompt,
        tier=tier,
        ratio=choice.ratio,
        size=choice.size,
        seed=seed,
        negative=submission.negative.strip() if submission.negative and spec.takes_negative else None,
        inputs=tuple(inputs),
        strength=strength if spec.takes_strength else None,
    )
    return request, notes | {"ratio_asked": submission.ratio, "seed_asked": submission.seed}


def _enlargement(
    submission: Submission, spec: ModelSpec, tier: str, inputs: Sequence[InputPicture]
) -> tuple[ImageRequest, dict[str, Any]]:
    base = next((one for one in inputs if one.role is Role.BASE), None)
    if not spec.upscales or submission.remix != UPSCALE or base is None or len(inputs) > 1:
        raise SubmissionRefused(f"{spec.label} cannot be used for that; choose another model.")
    if tier not in spec.tiers:
        raise SubmissionRefused(f"{spec.label} enlarges by {' or '.join(spec.tiers)}, not by {tier!r}.")
    size = enlarged(base.size, tier)
    if size.width * size.height > MOST_ENLARGED:
        raise SubmissionRefused(
            f"That would be {size.megapixels:.0f} megapixels; at most {MOST_ENLARGED / 1e6:g} are made. "
            "Choose a smaller factor."
        )
    request = ImageRequest(
        model=spec.model,
        prompt=submission.prompt.strip(),
        tier=tier,
        ratio=submission.ratio,
        size=size,
        inputs=tuple(inputs),
        factor=factor_of(tier),
    )
    return request, {"ratio_asked": submission.ratio, "seed_asked": None}


def input_problem(spec: ModelSpec, roles: Sequence[Role]) -> str | None:
    """Why this model cannot take these pictures, in one sentence that says what to do; else None."""
    pictures = sum(role is not Role.MASK for role in roles)
    if pictures and not spec.max_references:
        return f"{spec.label} makes pictures from words alone; switch it off or take the pictures out."
    if pictures > spec.max_references:
        return f"{spec.label} takes {spec.max_references} pictures, not {pictures}; take some out."
    if Role.MASK in roles and not spec.takes_mask:
        return f"{spec.label} takes no mask; switch it off or remove the mask."
    return None


# Most models take no number for it, so the person's wish is put into words, and the receipt says so.
def _strength_in_words(strength: int) -> str:
    if strength <= 25:
        return "Stay very close to the given picture: change as little as possible."
    if strength <= 50:
        return "Keep the composition and the subject of the given picture; vary the details."
    if strength <= 75:
        return "Use the given picture as a starting point; composition and details may change."
    return "Use the given picture only as a loose inspiration."


def _size(spec: ModelSpec, ratio: str, tier: str) -> SizeChoice:
    try:
        return spec.choose(ratio, tier)
    except ValueError as error:
        raise SubmissionRefused(f"{error}.") from None


def _prompt(submission: Submission, spec: ModelSpec) -> tuple[str, dict[str, Any]]:
    prompt = submission.prompt.strip()
    notes: dict[str, Any] = {}
    if submission.writing is not None and (written := submission.writing.prompts.get(spec.model, "").strip()):
        prompt, notes = written, {"written_by": submission.writing.writer}
    if submission.negative and submission.negative.strip() and not spec.takes_negative:
        return f"{prompt}\n\nAvoid: {submission.negative.strip()}", notes | {"negative_folded": True}
    return prompt, notes


def freeze(request: ImageRequest, notes: dict[str, Any]) -> dict[str, Any]:
    """The request as stored on its call's row."""
    if request.inputs:
        notes = notes | {
            "inputs": [
                {
                    "image_id": str(one.image_id),
                    "role": str(one.role),
                    "sha256": one.sha256,
                    "media_type": one.media_type,
                    "width": one.size.width,
                    "height": one.size.height,
                }
                for one in request.inputs
            ],
            "strength": request.strength,
        }
    if request.factor is not None:
        notes = notes | {"factor": request.factor}
    return notes | {
        "model": request.model,
        "prompt": request.prompt,
        "tier": request.tier,
        "ratio": request.ratio,
        "width": request.size.width,
        "height": request.size.height,
        "seed": request.seed,
        "negative": request.negative,
    }


def thaw(stored: dict[str, Any]) -> ImageRequest:
    """The request a call's row asks for."""
    return ImageRequest(
        model=stored["model"],
        prompt=stored["prompt"],
        tier=stored["tier"],
        ratio=stored["ratio"],
        size=Size(stored["width"], stored["height"]),
        seed=stored["seed"],
        negative=stored["negative"],
        inputs=tuple(
            InputPicture(
                image_id=UUID(one["image_id"]),
                role=Role(one["role"]),
                sha256=one["sha256"],
                media_type=one["media_type"],
                size=Size(one["width"], one["height"]),
            )
            for one in stored.get("inputs", ())
        ),
        strength=stored.get("strength"),
        factor=stored.get("factor"),
    )
