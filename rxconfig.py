"""How Reflex runs here: state of open tabs in our Redis, explicit origins, nothing sent anywhere."""

import reflex as rx

from runtz_app.security import origins
from runtz_core.events import pages_url
from runtz_core.settings import get_settings

_settings = get_settings()

config = rx.Config(
    app_name="runtz_app",
    redis_url=pages_url(_settings) if _settings.redis_url else None,
    # Reflex forgets the parts of a tab that no event touched for this long; sessions end earlier (seconds).
    redis_token_expiration=48 * 3600,
    cors_allowed_origins=origins(_settings),
    trusted_proxy_hops=_settings.trusted_proxy_hops,
    deploy_url=None,
    default_color_mode="dark",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
