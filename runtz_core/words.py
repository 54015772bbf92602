"""What the product says to people about calls, in English, in one place ready to be translated."""

from collections.abc import Callable, Sequence

from runtz_core.failures import CONSEQUENCES, FailureKind, NextStep

_TITLES: dict[FailureKind, str] = {
    FailureKind.NO_KEY: "No {provider} key",
    FailureKind.AUTH: "{provider} refused the key",
    FailureKind.ORG_UNVERIFIED: "{provider} wants the account verified",
    FailureKind.QUOTA: "The {provider} account is used up",
    FailureKind.RATE_LIMITED: "{provider} is over its limit",
    FailureKind.MODEL_GONE: "{provider} no longer has this model",
    FailureKind.CONTENT_BLOCKED: "Refused by {provider}",
    FailureKind.INVALID: "{provider} did not take the request",
    FailureKind.UNREACHABLE: "{provider} cannot be reached",
    FailureKind.PROVIDER_DOWN: "{provider} is not answering",
    FailureKind.TRANSIENT: "{provider} did not answer properly",
    FailureKind.BAD_RESPONSE: "{provider} sent an unreadable answer",
    FailureKind.NO_IMAGE: "{provider} sent no picture",
    FailureKind.BAD_IMAGE: "The picture was damaged",
    FailureKind.LINK_EXPIRED: "The picture's link had expired",
    FailureKind.REFUSED_ADDRESS: "Not a safe address",
    FailureKind.STORAGE_FULL: "The disk did not take the picture",
    FailureKind.INPUT_GONE: "The picture it starts from is gone",
    FailureKind.CANCELLED: "Cancelled",
    FailureKind.OUTCOME_UNKNOWN: "Sent, then silence",
    FailureKind.INTERNAL: "Something broke here",
}

_TEXTS: dict[FailureKind, str] = {
    FailureKind.NO_KEY: "Nothing was sent.",
    FailureKind.AUTH: "The key is wrong, revoked or restricted.",
    FailureKind.ORG_UNVERIFIED: "The key is right, but the account may not use this model yet.",
    FailureKind.QUOTA: "It has no money or quota left until someone tops it up.",
    FailureKind.RATE_LIMITED: "It kept asking us to slow down.",
    FailureKind.MODEL_GONE: "The model was retired or renamed.",
    FailureKind.CONTENT_BLOCKED: "Its safety filter stopped this prompt or picture.",
    FailureKind.INVALID: "A setting or the prompt is not to its liking.",
    FailureKind.UNREACHABLE: "The request never left this machine.",
    FailureKind.PROVIDER_DOWN: "The calls before this one failed, so it was not sent and cost nothing.",
    FailureKind.TRANSIENT: "It reported trouble of its own.",
    FailureKind.BAD_RESPONSE: "The answer could not be read as a picture.",
    FailureKind.NO_IMAGE: "The answer was fine but held no picture.",
    FailureKind.BAD_IMAGE: "What arrived is not a whole picture.",
    FailureKind.LINK_EXPIRED: "It died before the picture was fetched.",
    FailureKind.REFUSED_ADDRESS: "The connection was refused for safety.",
    FailureKind.STORAGE_FULL: "It is full or read-only.",
    FailureKind.INPUT_GONE: "It was deleted before anything was sent.",
    FailureKind.CANCELLED: "Stopped before anything was sent.",
    FailureKind.OUTCOME_UNKNOWN: "The line broke after {provider} took the request. It is not sent again by itself.",
    FailureKind.INTERNAL: "The call was ended; the log has the details.",
}

_STEPS: dict[NextStep, str] = {
    NextStep.RETRY: "Retry this card",
    NextStep.CHANGE_MODEL: "Change model",
    NextStep.EDIT_PROMPT: "Edit the prompt",
    NextStep.OPEN_KEYS: "Open key settings",
    NextStep.OPEN_SERVERS: "Open server settings",
    NextStep.FREE_SPACE: "Free space, then retry",
    NextStep.LOOK_UP: "Run it once more",
}


def failure_title(kind: FailureKind, provider: str) -> str:
    """What happened, as a card's heading."""
    return _TITLES[kind].format(provider=provider)


def failure_text(kind: FailureKind, provider: str, detail: str = "") -> str:
    """Why, in one or two sentences: what is known of this case, else what the kind usually means."""
    usual = _TEXTS[kind].format(provider=provider)
    if not detail:
        return usual
    told = detail if detail.endswith((".", "!", "?", "…")) else f"{detail}."
    # That nothing is sent twice must be said whatever else is known.
    return f"{told} {usual}" if kind is FailureKind.OUTCOME_UNKNOWN else told


def resting(seconds: float) -> str:
    """Why a call was not sent: the ones before it failed, and the provider is left alone for so long."""
    return (
        "The calls before this one failed, so it was not sent and cost nothing. "
        f"The next try is in {max(1, round(seconds))} s."
    )


def dearer(calls: int, price: int, cost: int, excess: int) -> str:
    """For the owner: what a model cost of late instead of its list price, in micro-dollars, and in sum."""
    times = "once" if calls == 1 else f"{calls} times"
    return f"{dollars(cost)} instead of {dollars(price)}, {times}: {dollars(excess)} that nobody was charged for."


def lane_down(seconds: int) -> str:
    """A provider that rests after failing too often; 0 seconds: one call is being sent to see."""
    when = f"in {seconds} s" if seconds else "now"
    return f"Its last calls failed, so nothing is sent; it is tried again {when}. What is turned away costs nothing."


def batch_waits(providers: Sequence[str]) -> str:
    """What of a batch is to be made by providers that do not answer, "" when all of them do."""
    if not providers:
        return ""
    verb = "is" if len(providers) == 1 else "are"
    return (
        f"{' and '.join(providers)} {verb} not answering, so what is left there waits and is tried by itself"
    )


def lane_failing(failures: int) -> str:
    """A provider whose newest calls failed, though not yet too often."""
    return f"Its last {failures} calls failed."


def healthy(value: float) -> str:
    """A model whose pictures come as they should, in so many seconds."""
    return f"Healthy: its newest pictures took {seconds(value)} each."


def slow(value: float, published: float) -> str:
    """A model that takes much longer than its maker says."""
    return f"Its newest pictures took {seconds(value)} each; {seconds(published)} are usual."


def lane_paused(seconds: int) -> str:
    """A provider that asked for patience."""
    return f"It asked us to wait; the next call leaves in {seconds} s."


def lane_limited(room: int) -> str:
    """A provider that gets fewer calls at a time than it says it takes."""
    return f"It was over its limit, so it gets {room} at a time for now; more again as they succeed, and with time."


KEY_REFUSED = "Its key was refused, so nothing is sent."


def key_refused(provider: str, *, own: bool) -> str:
    """Why nothing can be submitted with a key that was refused."""
    whose = "your key" if own else "the key"
    return f"{provider} refused {whose}. Put in a new one in Settings, or use another model. Nothing was charged."


def next_label(kind: FailureKind) -> str:
    """The one button on a failed card."""
    return "Run this card again" if kind is FailureKind.CANCELLED else _STEPS[CONSEQUENCES[kind].person]


def not_charged(kind: FailureKind, released: int, *, simulated: bool) -> tuple[str, str]:
    """(sentence, tone) about money after a failure. Credits are always given back; the vendor may have billed."""
    given_back = f" {credits(released)} released." if released else ""
    if kind is FailureKind.OUTCOME_UNKNOWN and not simulated:
        return f"Not charged here.{given_back} The vendor may have billed it.", "attention"
    return f"Not charged.{given_back}", "ok"


def settled(resolution: str) -> str:
    """About money after a person has settled an unknown outcome."""
    billed = "the provider billed it" if resolution == "billed" else "the provider did not bill it"
    return f"Not charged here. You found that {billed}."


def credits(amount: int) -> str:
    """An amount as people read it: "1 credit", "1,200 credits"."""
    return "1 credit" if amount == 1 else f"{amount:,} credits"


def dollars(usd_micros: int) -> str:
    """Micro-dollars as people read them: three decimals below a dollar, since pictures cost cents."""
    if usd_micros == 0:
        return "$0"
    return f"${usd_micros / 1_000_000:.3f}" if usd_micros < 1_000_000 else f"${usd_micros / 1_000_000:,.2f}"


def seconds(value: float) -> str:
    """Seconds as people read them: tenths below one only."""
    return f"{value:.0f} s" if value >= 1 else f"{value:.1f} s"


def megabytes(size: int) -> str:
    """Bytes as people read them, in millions."""
    return f"{size / 1_000_000:,.1f} MB"


def no_room(used: int, coming: int, quota: int) -> str:
    """Why a run is refused for a person's storage quota (bytes), before anything was spent."""
    return (
        f"Your pictures fill {megabytes(used)} of your {megabytes(quota)}, and this run may need "
        f"{megabytes(coming)}. Delete some pictures, or ask the owner for more room. Nothing was charged."
    )


_SCOPES = {"all": "Everybody together", "provider": "On {provider} everybody together", "user": "You"}


def cap_reached(scope: str, provider: str, *, cap: int, spent: int, asked: int) -> str:
    """Why a run is refused for a daily cap. `provider` is the label of a provider's scope."""
    who = _SCOPES[scope.partition(":")[0]].format(provider=provider)
    return (
        f"{who} may spend {credits(cap)} a day; {spent:,} are spent or held today and this run needs {asked:,}. "
        "Use fewer models or samples, wait for tomorrow, or ask the owner. Nothing was charged."
    )


_COUNTED: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("ready", lambda n: f"{n} ready"),
    ("working", lambda n: f"{n} working"),
    ("refused", lambda n: f"{n} refused"),
    ("failed", lambda n: f"{n} failed"),
    ("cancelled", lambda n: f"{n} cancelled"),
    ("needs_you", lambda n: f"{n} need{'s' if n == 1 else ''} you"),
)


def counts(**numbers: int) -> str:
    """ "3 ready, 1 refused": the counts that are not zero, in a fixed order."""
    return ", ".join(say(numbers[name]) for name, say in _COUNTED if numbers.get(name))
