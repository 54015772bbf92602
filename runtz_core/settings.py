"""Everything that can be configured, read once from the environment (`RUNTZ_…`) and `.env`."""

import os
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = ("localhost", LOOPBACK, "::1")
EVERY_INTERFACE = ("0.0.0.0", "::", "")  # noqa: S104  compared with, not bound to


class ProviderSettings(BaseModel):
    """One provider's overrides, e.g. `RUNTZ_PROVIDERS__IDEOGRAM__API_KEY`."""

    api_key: SecretStr | None = None
    base_url: str | None = None
    concurrency: int | None = Field(default=None, ge=1, description="calls in flight, all workers together")


class Timing(BaseModel):
    """Seconds. Short in tests, sane by default; all leases run on the database's clock."""

    lease: float = 20.0
    heartbeat: float = 1.0
    presence: float = Field(
        default=2.5, gt=0, description="a worker without lock and heartbeat for so long is dead"
    )
    dispatch_every: float = 1.0
    dispatch_after: float = 10.0
    reap_every: float = 1.0
    call_deadline: float = 300.0
    ask_deadline: float = 30.0
    download_deadline: float = 60.0
    drain: float = 90.0
    look_back_every: float = Field(default=60.0, gt=0, description="pictures nobody has looked at are found")
    look_back_after: float = Field(default=120.0, ge=0, description="and looked at when they are so old")
    owner_link: float = 900.0
    reset_link: float = 24 * 3600.0
    invite: float = 7 * 24 * 3600.0
    session_idle: float = 12 * 3600.0
    session_absolute: float = 30 * 24 * 3600.0


class Flow(BaseModel):
    """When a provider is asked for less, or left alone. Seconds, counts and shares, for each key by itself."""

    window: float = Field(default=60.0, ge=5, description="what the shares below are of")
    failures_in_a_row: int = Field(default=5, ge=1, description="after so many the breaker opens,")
    failures_share: float = Field(default=0.5, gt=0, le=1, description="or when so many of the window's")
    failures_least: int = Field(default=20, ge=1, description="calls have failed, these at least")
    rest: float = Field(default=30.0, gt=0, description="then nothing is sent; then one call, to see")
    regrow: float = Field(
        default=20.0, gt=0, description="one call more at a time after so long without a cut"
    )
    retry_share: float = Field(default=0.1, ge=0, description="retries, of the window's calls,")
    retry_floor: int = Field(default=5, ge=0, description="and so many in any case")
    longest_pause: float = Field(
        default=120.0, gt=0, description="a longer wish of a provider is cut to this"
    )
    patience: float = Field(
        default=900.0, gt=0, description="a call waits so long for a provider over its limit"
    )
    most_attempts: int = Field(default=50, ge=1, description="or is sent away so often")


class Limits(BaseModel):
    """Counts and sizes that bound what one request can ask for."""

    generations_per_job: int = 64
    samples: int = 16
    batch_jobs: int = Field(default=500, description="prompts a member may submit at once")
    batch_jobs_owner: int = Field(default=2000, description="the same for the owner")
    batch_pictures: int = Field(default=8000, description="pictures in one batch, anybody's")
    prompt_chars: int = 32_000
    partial_bytes: int = 4 * 1024 * 1024
    partial_seconds: int = 600
    image_bytes: int = 64 * 1024 * 1024
    image_pixels: int = 50_000_000
    upload_bytes: int = Field(default=25 * 1024 * 1024, gt=0, description="of one picture somebody sends")
    upload_pixels: int = Field(default=40_000_000, gt=0, description="the same, opened")
    import_bytes: int = Field(default=8 * 1024**3, gt=0, description="of a ZIP somebody sends")
    import_pictures: int = Field(default=5000, gt=0, description="in one ZIP")
    attempts: int = 4
    disk_free: int = Field(default=128 * 1024 * 1024, ge=0, description="bytes; below it no call is started")
    sockets: int = Field(default=20, description="open tabs of one person, in each web process")
    events_per_second: float = Field(default=20.0, description="of one person, in each web process")


class Settings(BaseSettings):
    """The whole configuration. Only entry points read it; services take plain values."""

    model_config = SettingsConfigDict(
        env_prefix="RUNTZ_",
        env_nested_delimiter="__",
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="forbid",
    )

    data_dir: Path = PROJECT_ROOT / ".runtz"
    images_dir: Path | None = Field(default=None, description="pictures; see images_path")
    database_url: str | None = Field(default=None, description="embedded Postgres when absent")
    migration_database_url: str | None = Field(default=None, description="a role that may change the schema")
    redis_url: str | None = Field(default=None, description="embedded Valkey when absent")
    simulator_url: str | None = Field(default=None, description="set by `up`: where simulated vendors answer")
    host: str = LOOPBACK
    port: int | None = Field(default=None, ge=1, le=65535)
    public_url: str | None = None
    insecure_http: bool = False
    trusted_proxy_hops: int = Field(
        default=0, ge=0, description="reverse proxies of your own in front: whose X-Forwarded-For counts"
    )
    google_client_id: str | None = None
    google_client_secret: SecretStr | None = None
    google_discovery_url: str = Field(
        default="https://accounts.google.com/.well-known/openid-configuration",
        description="another OpenID provider's works too",
    )
    master_key: SecretStr | None = Field(
        default=None, description="seals provider keys; else a file in data_dir"
    )
    providers: dict[str, ProviderSettings] = {}
    time_zone: str = "UTC"
    worker_threads: int = Field(default=8, ge=1)
    calls_in_flight: int = Field(default=400, ge=1, description="per worker process")
    decode_processes: int = Field(default=2, ge=1)
    database_pool: int = Field(default=8, ge=1)
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    metrics_token: SecretStr | None = Field(default=None, description="who sends it may read /metrics")
    timing: Timing = Timing()
    flow: Flow = Flow()
    limits: Limits = Limits()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    @property
    def images_path(self) -> Path:
        """Where pictures live: beside the code by default, else under the data folder (D6)."""
        if self.images_dir is not None:
            return self.images_dir
        if self.data_dir == PROJECT_ROOT / ".runtz":
            return PROJECT_ROOT / "uploaded_images"
        return self.data_dir / "uploaded_images"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every "per day" rule."""
        return ZoneInfo(self.time_zone)


def postgres_url(url: str, *, driver: str = "") -> str:
    """`url` as libpq reads it, or as SQLAlchemy does with the `driver` named.

    Raises ValueError when `url` is none of Postgres'.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("not a URL of Postgres")
    return f"postgresql{driver and '+'}{driver}://{rest}"


def read_settings() -> Settings:
    """The settings as they are now: the environment, then `.env` or the file RUNTZ_ENV_FILE names (empty: none).

    Raises pydantic.ValidationError.
    """
    named = os.environ.get("RUNTZ_ENV_FILE")
    return Settings() if named is None else Settings(_env_file=named or None)


@cache
def get_settings() -> Settings:
    """The settings of this process. Call it at an entry point, never at import."""
    return read_settings()
