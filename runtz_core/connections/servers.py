"""OpenAI-compatible servers the owner declares: their address, models, picture sizes and prices."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import gcd, log
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.connections.addresses import BadInput, checked_base_url
from runtz_core.connections.models import CustomModel, CustomServer, ProviderKey
from runtz_core.ids import new_id
from runtz_core.providers.base import RATIOS, aspect
from runtz_core.providers.models.compatible import LEAST_SIDE, MOST_SIDE, STEP, sides_fit
from runtz_core.providers.registry import CUSTOM_PREFIX
from runtz_core.settings import Limits

LABEL_CHARS = 60
MODEL_CHARS = 200
MAX_PIXELS = Limits().image_pixels  # what the image check accepts unless told otherwise
MAX_USD = Decimal(100)  # a picture; above it a slip of the point is likelier than a price
MICRO = Decimal(1_000_000)

_SIZE = re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model of a declared server."""

    model_id: str
    model: str
    label: str
    sizes: str  # "1024x1024, 1536x1024"
    usd: str  # "0.02", dollars a picture


@dataclass(frozen=True, kw_only=True)
class ServerRow:
    """One declared server with its models, as the settings page shows it."""

    server_id: str
    provider: str  # "custom-<slug>"
    label: str
    base_url: str
    last_four: str  # of its key; "" when it has none and needs none
    models: list[ModelRow] = field(default_factory=list)


def servers(session: Session) -> list[ServerRow]:
    """All declared servers, oldest first."""
    keys = {
        row.provider: row.last_four or "set"
        for row in session.execute(select(ProviderKey).where(col(ProviderKey.user_id).is_(None))).scalars()
    }
    models: dict[UUID, list[ModelRow]] = {}
    for model in session.execute(select(CustomModel).order_by(col(CustomModel.id))).scalars():
        models.setdefault(model.server_id, []).append(_model_row(model))
    return [
        ServerRow(
            server_id=str(server.id),
            provider=CUSTOM_PREFIX + server.slug,
            label=server.label,
            base_url=server.base_url,
            last_four=keys.get(CUSTOM_PREFIX + server.slug, ""),
            models=models.get(server.id, []),
        )
        for server in session.execute(select(CustomServer).order_by(col(CustomServer.id))).scalars()
    ]


def server_of(session: Session, provider: str) -> CustomServer | None:
    """The declared server behind a provider id such as "custom-basement"."""
    if not provider.startswith(CUSTOM_PREFIX):
        return None
    slug = provider.removeprefix(CUSTOM_PREFIX)
    found = select(CustomServer).where(col(CustomServer.slug) == slug)
    server: CustomServer | None = session.execute(found).scalar_one_or_none()
    return server


def save_server(session: Session, *, label: str, base_url: str, server_id: UUID | None = None) -> UUID:
    """Declare a server, or change one (its provider id stays). Raises BadInput, BadAddress."""
    label = _checked_label(label)
    address = checked_base_url(base_url)
    if server_id is None:
        server = CustomServer(slug=_free_slug(session, label), label=label, base_url=address)
        session.add(server)
    else:
        server = _existing(session, server_id)
        server.label, server.base_url = label, address
    session.flush()
    return server.id


def delete_server(session: Session, server_id: UUID) -> None:
    """Forget a server, its models and its key. Pictures it made stay. A no-op for one that is gone."""
    server = session.get(CustomServer, server_id)
    if server is None:
        return
    session.execute(delete(ProviderKey).where(col(ProviderKey.provider) == CUSTOM_PREFIX + server.slug))
    session.delete(server)
    session.flush()


def save_model(session: Session, server_id: UUID, *, model: str, label: str, sizes: str, usd: str) -> None:
    """Add a model to a server, or replace the one of that name. Raises BadInput.

    `sizes` are pixels such as "1024x1024, 1536x1024"; `usd` is the price of a picture in dollars, where
    "0" is a price and "" is not.
    """
    server = _existing(session, server_id)
    model = model.strip()
    if not model or len(model) > MODEL_CHARS or not model.isprintable():
        raise BadInput("model", "Give the model's name as the server spells it.")
    values = {
        "label": _checked_label(label or model[:LABEL_CHARS]),
        "sizes": parse_sizes(sizes),
        "usd_micros": parse_price(usd),
    }
    session.execute(
        upsert(CustomModel)
        .values(id=new_id(), server_id=server.id, model=model, **values)
        .on_conflict_do_update(index_elements=["server_id", "model"], set_=values)
    )


def delete_model(session: Session, model_id: UUID) -> None:
    """Forget a model. Pictures it made stay. A no-op for one that is gone."""
    session.execute(delete(CustomModel).where(col(CustomModel.id) == model_id))


def parse_sizes(text: str) -> dict[str, list[int]]:
    """Ratio → [width, height] from "1024x1024, 1536x1024". Each size stands for its nearest ratio.

    Raises BadInput: nothing readable, sides or pixels out of bounds, two sizes for one ratio.
    """
    made: dict[str, list[int]] = {}
    for part in re.split(r"[,;\n]+", text.strip().strip(",;")):
        match = _SIZE.fullmatch(part.strip())
        if match is None:
            raise BadInput("sizes", "Write sizes as pixels with commas between: 1024x1024, 1536x1024.")
        width, height = int(match[1]), int(match[2])
        _check_size(width, height)
        ratio = nearest_ratio(width, height)
        if ratio in made:
            raise BadInput("sizes", f"Two sizes would both serve {ratio}; keep one of them.")
        made[ratio] = [width, height]
    return made


def nearest_ratio(width: int, height: int) -> str:
    """The ratio a person would choose to get this size."""
    divisor = gcd(width, height)
    exact = f"{width // divisor}:{height // divisor}"
    if exact in RATIOS:
        return exact
    return min(RATIOS, key=lambda ratio: abs(log(aspect(ratio) * height / width)))


def parse_price(text: str) -> int:
    """Micro-dollars from dollars such as "0.02". Raises BadInput for anything that is not a known price."""
    cleaned = text.strip().removeprefix("$").strip()
    if not cleaned:
        raise BadInput("usd", "Give the price of a picture in dollars. 0 is a price; empty is not.")
    try:
        usd = Decimal(cleaned)
        micros = int(usd * MICRO) if usd.is_finite() and 0 <= usd <= MAX_USD else -1
    except InvalidOperation:
        micros = -1
    if micros < 0:
        raise BadInput("usd", f"A price is a number of dollars from 0 to {MAX_USD}, e.g. 0.02.")
    if micros != usd * MICRO:
        raise BadInput("usd", "A price has at most six digits after the point.")
    return micros


def _check_size(width: int, height: int) -> None:
    if not sides_fit(width, height) or width * height > MAX_PIXELS:
        raise BadInput(
            "sizes",
            f"{width}x{height} cannot be: sides are multiples of {STEP} from {LEAST_SIDE} to {MOST_SIDE}, "
            f"{MAX_PIXELS // 1_000_000} megapixels at most.",
        )


def _checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not label or len(label) > LABEL_CHARS or not label.isprintable():
        raise BadInput("label", f"Give it a name of at most {LABEL_CHARS} characters.")
    return label


def _existing(session: Session, server_id: UUID) -> CustomServer:
    server = session.get(CustomServer, server_id)
    if server is None:
        raise BadInput("server", "This server is gone. Reload the page.")
    return server


def _free_slug(session: Session, label: str) -> str:
    """A provider id for a new server: from its name, numbered when taken."""
    base = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:30] or "server"
    taken = set(session.execute(select(col(CustomServer.slug))).scalars())
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _model_row(model: CustomModel) -> ModelRow:
    usd = f"{Decimal(model.usd_micros) / MICRO:f}"
    return ModelRow(
        model_id=str(model.id),
        model=model.model,
        label=model.label,
        sizes=", ".join(f"{width}x{height}" for width, height in model.sizes.values()),
        usd=usd.rstrip("0").rstrip(".") if "." in usd else usd,
    )
