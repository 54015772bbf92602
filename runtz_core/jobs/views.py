"""What pages and the command line show of jobs: small frozen values, never rows."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Card:
    """One generation as its card shows it. Times are epoch seconds (database clock); 0 is not yet."""

    call_id: str
    job_id: str
    provider: str  # "openai", "gemini", "ideogram", "flux" or "custom-<slug>"
    provider_label: str
    hue: str  # token name of the provider's hue, e.g. "openai"
    model: str
    model_label: str
    tier: str
    sample: int  # from 1
    simulated: bool
    prompt: str  # alternative text

    state: str  # CallState value
    stage: str  # Stage value while unfinished, else ""
    started_at: float  # the clock on the card runs from here
    seconds: float  # whole duration once finished, else 0
    usual_seconds: float
    usual_is_published: bool  # no history here yet: the figure is the vendor's
    waiting_behind: int  # calls ahead in the same lane while queued
    retrying: bool  # an earlier attempt failed safely and it is being tried again

    width: int  # asked for until the picture is here
    height: int
    credits: int  # held while running, charged when succeeded, else 0
    price_credits: int
    usd_micros: int  # what the vendor charged, as known

    image_id: str  # "" until ready
    image_url: str
    thumb_url: str
    download_url: str
    thumbhash: str
    kept: bool
    partial_url: str  # "" unless an early picture is at hand; changes with every new one
    partial_index: int  # 1 … partial_count
    partial_count: int
    progress: int  # percent of work done here; 0 while it is not known
    upscale: bool

    failure: str  # FailureKind value or ""
    failure_title: str  # "Refused by FLUX"
    failure_text: str  # why, in words
    money_text: str  # "Not charged. 45 credits released."
    money_tone: str  # "ok" or "attention"
    next_step: str  # NextStep value or ""
    next_label: str  # the one button

    won: str = ""  # "won 67 % of 6" verdicts
    checklist: str = ""  # what they ticked off
    verdict_muted: bool = False  # only judges that are muted gave any


@dataclass(frozen=True, kw_only=True)
class JobView:
    """A job with its cards, in the order chosen."""

    job_id: str
    short_id: str  # four characters for people
    prompt: str
    negative: str
    ratio: str
    samples: int
    seed: str  # "" when none was given
    created_at: float
    finished_at: float  # 0 while anything is unfinished
    ready: int
    working: int
    failed: int
    needs_you: int
    credits_charged: int
    credits_held: int
    usd_micros: int
    summary: str  # "1 ready, 2 working, 1 refused"
    cards: list[Card] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One line of the history."""

    job_id: str
    short_id: str
    prompt: str
    ratio: str
    created_at: float
    summary: str
    working: int
    needs_you: int
    credits: int
    batch_id: str = ""  # set when the line is a whole batch
    thumbs: list[str] = field(default_factory=list)  # up to four thumbnail addresses
    model_labels: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One model in the composer."""

    provider: str
    provider_label: str
    hue: str
    model: str
    label: str
    tiers: list[str]
    tier: str
    price_credits: int  # one picture at the chosen ratio and tier
    price_usd_micros: int  # 0 when simulated
    simulated: bool
    available: bool
    reason: str  # why it is not available, or ""
    health: str  # "ok", "slow", "limited", "down" or "unknown"
    health_text: str  # "11 s", "slow, 24 s"
    health_note: str = ""  # a sentence when the provider is limited or down
    size: str  # "1152×1536", what the ratio becomes
    ratio_note: str  # "nearest it makes is 2:3" or ""
    takes_seed: bool
    takes_mask: bool = False
    takes_strength: bool = False
    pictures: int = 0  # how many it takes in
    sunset: str  # "ends 2026-12-01; use …" or ""
    in_default_run: bool


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    label: str
    value: str
    note: str = ""
    tone: str = ""  # "", "ok", "attention", "struck"


@dataclass(frozen=True, kw_only=True)
class ReceiptSection:
    title: str
    lines: list[ReceiptLine] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DiffWord:
    text: str
    kind: str  # "same", "added" or "removed"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Everything about one call: what was asked, sent, got and paid."""

    call_id: str
    title: str
    hue: str
    prompt_sent: list[DiffWord] = field(default_factory=list)
    words_added: int = 0
    words_removed: int = 0
    sections: list[ReceiptSection] = field(default_factory=list)
    seconds: float = 0.0
    usual_seconds: float = 0.0
    stage_seconds: list[float] = field(default_factory=list)  # waiting, sent, rendering, saving
    json: str = ""  # the same as text, for copying
