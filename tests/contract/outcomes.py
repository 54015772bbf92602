"""What each fault of a vendor must become."""

from runtz_core.failures import FailureKind
from runtz_core.providers.base import ProviderError
from runtz_sim.faults import FaultKind, Stage
from runtz_sim.texts.mind import QUIRKS
from runtz_sim.vendors import VENDORS
from tests.contract.subjects import (
    KEY,
    PROMPT,
    model,
    vendor,
)

F, K = FailureKind, FaultKind


SIMULATED = {simulated.name: simulated for simulated in VENDORS}


# What each fault must become when it strikes the paid request. A None is still a picture.
ORDER: dict[FaultKind, FailureKind | None] = {
    K.AUTH: F.AUTH,
    K.ORG_UNVERIFIED: F.ORG_UNVERIFIED,
    K.QUOTA: F.QUOTA,
    K.RATE_LIMITED: F.RATE_LIMITED,
    K.MODEL_GONE: F.MODEL_GONE,
    K.CONTENT_BLOCKED: F.CONTENT_BLOCKED,
    K.INVALID: F.INVALID,
    K.SERVER_ERROR: F.TRANSIENT,
    K.UNAVAILABLE: F.TRANSIENT,
    K.NO_IMAGE: F.NO_IMAGE,
    K.MORE_IMAGES: None,
    K.FEWER_IMAGES: F.NO_IMAGE,
    K.PRICE_HIGHER: None,
    K.UNKNOWN_STATUS: F.NO_IMAGE,
    K.MID_STREAM_ERROR: None,
    K.SLOW: None,
    K.SILENCE: F.OUTCOME_UNKNOWN,
    K.DRIP: F.OUTCOME_UNKNOWN,
    K.RESET: F.OUTCOME_UNKNOWN,
    K.RESET_MID_BODY: F.OUTCOME_UNKNOWN,
    K.HTML_502: F.TRANSIENT,
    K.HTML_200: F.BAD_RESPONSE,
    K.ENDLESS_BODY: F.BAD_RESPONSE,
    K.REDIRECT: F.REFUSED_ADDRESS,
    K.MALFORMED_JSON: F.BAD_RESPONSE,
    K.TRUNCATED_JSON: F.BAD_RESPONSE,
    K.MISSING_FIELDS: F.BAD_RESPONSE,
    K.NULL_FIELDS: F.BAD_RESPONSE,
}


# Asking after a task is free, so what is lost there may be asked for again.
POLL: dict[FaultKind, FailureKind | None] = ORDER | {
    K.MODEL_GONE: F.LINK_EXPIRED,
    K.TASK_NOT_FOUND: F.LINK_EXPIRED,
    K.STATUS_ERROR: F.NO_IMAGE,
    K.HTTP_503_STATUS_BODY: F.NO_IMAGE,
    K.SILENCE: F.TRANSIENT,
    K.DRIP: F.TRANSIENT,
    K.RESET: F.TRANSIENT,
    K.RESET_MID_BODY: F.TRANSIENT,
}


# The picture's bytes: what only a decoder can tell passes through untouched.
PICTURE: dict[FaultKind, FailureKind | None] = POLL | {
    K.WRONG_MIME: None,
    K.NOT_AN_IMAGE: None,
    K.TRUNCATED_IMAGE: None,
    K.BOMB_IMAGE: None,
    K.HTML_200: None,
    K.BAD_BASE64: F.BAD_IMAGE,
    K.EXPIRED_LINK: F.LINK_EXPIRED,
    K.SHORT_IMAGE_CONTENT_LENGTH: F.TRANSIENT,
    K.GZIP_IMAGE: F.BAD_IMAGE,
    K.ENDLESS_BODY: F.BAD_IMAGE,
}


# Testing a key: as asking, but nobody is looking for a task.
FREE: dict[FaultKind, FailureKind | None] = POLL | {
    K.MODEL_GONE: F.MODEL_GONE,
    K.MISSING_FIELDS: None,
    K.NULL_FIELDS: None,
}


EXPECTED = {Stage.ORDER: ORDER, Stage.POLL: POLL, Stage.PICTURE: PICTURE, Stage.FREE: FREE}


# Where one path differs: a stream has an end of its own, and a local server is there even when it lists nothing.
DIFFERENT: dict[tuple[str, FaultKind, Stage], FailureKind | None] = {
    ("gpt-image-2.6-flare", K.MID_STREAM_ERROR, Stage.ORDER): F.TRANSIENT,
    ("gpt-image-2.6-flare", K.FEWER_IMAGES, Stage.ORDER): None,
    ("gpt-image-2.6-flare", K.MISSING_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("gpt-image-2.6-flare", K.NULL_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("dall-e-3", K.MISSING_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("dall-e-3", K.NULL_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("sd-cpp-local", K.MODEL_GONE, Stage.FREE): None,
    ("sd-cpp-local", K.HTML_200, Stage.FREE): None,
    ("sd-cpp-local", K.MALFORMED_JSON, Stage.FREE): None,
    ("sd-cpp-local", K.TRUNCATED_JSON, Stage.FREE): None,
}


INSIDE = {
    K.WRONG_MIME,
    K.NOT_AN_IMAGE,
    K.TRUNCATED_IMAGE,
    K.BOMB_IMAGE,
    K.BAD_BASE64,
}  # faults of base64 pictures


LINKED = ("ideogram-4-5", "ideogram-3", "flux-2-klein-9b", "flux-3-image")


ASKED_AFTER = ("ideogram-4-5", "flux-2-klein-9b", "flux-3-image")


ONE_EACH = (
    "gpt-image-2.6-flare",
    "gemini-nano-banana-2.1",
    "ideogram-4-5",
    "flux-2-klein-9b",
    "sd-cpp-local",
)


ENDED_BY_DEADLINE = {K.SILENCE, K.DRIP}


SHORT = 0.7  # seconds


GENTLE = {K.SLOW: {"seconds": "0.05"}}


VARIANTS: list[tuple[str, FaultKind, dict[str, str], FailureKind]] = [
    ("openai", K.AUTH, {}, F.AUTH),
    ("openai", K.QUOTA, {"code": "billing_hard_limit_reached"}, F.QUOTA),
    ("openai", K.QUOTA, {"code": "project_spend_limit_exceeded"}, F.QUOTA),
    ("openai", K.CONTENT_BLOCKED, {"code": "content_policy_violation"}, F.CONTENT_BLOCKED),
    ("openai", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("openai", K.MODEL_GONE, {"type": "invalid_request_error"}, F.MODEL_GONE),
    ("openai", K.MID_STREAM_ERROR, {"code": "moderation_blocked"}, F.CONTENT_BLOCKED),
    ("gemini", K.AUTH, {"code": "403"}, F.AUTH),
    ("gemini", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("gemini", K.CONTENT_BLOCKED, {"reason": "OTHER"}, F.CONTENT_BLOCKED),
    ("gemini", K.NO_IMAGE, {"finish": "NO_IMAGE"}, F.NO_IMAGE),
    ("gemini", K.NO_IMAGE, {"finish": "IMAGE_OTHER"}, F.NO_IMAGE),
    ("gemini", K.SERVER_ERROR, {"code": "504"}, F.TRANSIENT),
    ("ideogram", K.QUOTA, {"reason": "daily_limit"}, F.QUOTA),
    ("ideogram", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("ideogram", K.INVALID, {"shape": "error"}, F.INVALID),
    ("flux", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("flux", K.TASK_NOT_FOUND, {"http": "200"}, F.LINK_EXPIRED),
    ("flux", K.HTTP_503_STATUS_BODY, {"status": "Content_Moderated"}, F.CONTENT_BLOCKED),
]


def expected(path: str, kind: FaultKind, stage: Stage) -> FailureKind | None:
    return DIFFERENT[path, kind, stage] if (path, kind, stage) in DIFFERENT else EXPECTED[stage][kind]


def quotes_nothing(error: ProviderError) -> bool:
    said = f"{error!r} {error} {error.detail}"
    return KEY not in said and PROMPT not in said


def cases(paths: tuple[str, ...], stage: Stage) -> list[tuple[str, FaultKind]]:
    """Every fault the simulator can show these paths at this stage; one without an expectation fails."""
    return [
        (name, kind)
        for name in paths
        for kind in FaultKind
        if kind not in QUIRKS  # a text model's: see test_texts.py
        and stage in SIMULATED[vendor(model(name))].stages_of(kind)
        and (stage is not Stage.PICTURE or name in LINKED or kind in INSIDE)
    ]
