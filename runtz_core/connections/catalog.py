"""All models that can be chosen here: the built-in vendors' and those of servers the owner declared."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.connections.models import CustomModel, CustomServer
from runtz_core.providers.base import ModelSpec
from runtz_core.providers.models.compatible import compatible_spec
from runtz_core.providers.models.texts import TEXT_MODELS
from runtz_core.providers.models.upscalers import LOCAL, UPSCALERS
from runtz_core.providers.registry import CUSTOM_PREFIX, PROVIDERS, all_specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What providers and models are called, also those that exist no more."""

    labels: dict[str, str]  # provider id -> label
    hues: dict[str, str]
    specs: dict[str, ModelSpec]

    def provider(self, provider: str) -> str:
        """What people call a provider; a deleted server goes by its slug."""
        return self.labels.get(provider, provider.removeprefix(CUSTOM_PREFIX))

    def hue(self, provider: str) -> str:
        """The name of a provider's colour token."""
        return self.hues.get(provider, PROVIDERS["compatible"].hue)

    def model(self, model: str) -> str:
        """What people call a model, of a deleted server too."""
        spec = self.specs.get(model)
        if spec is None and (writer := next((one for one in TEXT_MODELS if one.model == model), None)):
            return writer.label
        return spec.label if spec else model.rpartition("/")[2]

    def published_seconds(self, model: str) -> float:
        """How long a picture of this model usually takes by the vendor's word; 0 when nobody said."""
        spec = self.specs.get(model)
        return spec.usual_seconds if spec else 0.0


# Made once: every push to a page names models.
_SERVERS = select(col(CustomServer.slug), col(CustomServer.label))
_CUSTOM = (
    select(CustomServer, CustomModel)
    .join(CustomModel, col(CustomModel.server_id) == col(CustomServer.id))
    .order_by(col(CustomServer.label), col(CustomModel.label))
)


def all_models(session: Session) -> list[ModelSpec]:
    """Every model, built-in vendors first, each vendor's best known first."""
    return [*all_specs(), *_custom_specs(session)]


def find_model(session: Session, model: str) -> ModelSpec | None:
    """The model with this id, or None."""
    for spec in (*all_specs(), *UPSCALERS):
        if spec.model == model:
            return spec
    return next((spec for spec in _custom_specs(session) if spec.model == model), None)


def names(session: Session) -> Names:
    """Labels for everything a page may have to name."""
    servers = session.execute(_SERVERS)
    labels = {provider: entry.label for provider, entry in PROVIDERS.items()}
    labels[LOCAL] = "This computer"
    labels |= {CUSTOM_PREFIX + row.slug: row.label for row in servers}
    return Names(
        labels=labels,
        hues={provider: entry.hue for provider, entry in PROVIDERS.items()},
        specs={spec.model: spec for spec in (*all_models(session), *UPSCALERS)},
    )


def _custom_specs(session: Session) -> list[ModelSpec]:
    rows = session.execute(_CUSTOM)
    return [
        compatible_spec(
            provider=CUSTOM_PREFIX + server.slug,
            model=f"{CUSTOM_PREFIX}{server.slug}/{model.model}",
            label=model.label,
            sizes=model.sizes,
            usd_micros=model.usd_micros,
        )
        for server, model in rows
    ]
