"""The page behind a share link, written out whole on the server: it works without scripts, cookies or an account,
and messengers find its preview card in the HTML."""

from html import escape

from runtz_app.ui.tokens import BACKGROUND
from runtz_core.sharing.service import SharedView, share_path
from runtz_core.viewing.pictures import Picture

DESCRIPTION_CHARS = 200
WORDS = "Shared from Runtz AI. Read-only: nothing here can be changed."


def shared(shown: SharedView, token: str, origin: str) -> str:
    """The pictures of a link. `origin` is where this server is reached, for addresses that must be whole."""
    path = share_path(escape(token))
    title = _title(shown)
    described = shown.pictures[0].prompt if shown.with_prompt and shown.pictures[0].prompt else WORDS
    card = "".join(
        f'<meta property="{name}" content="{escape(value)}">'
        for name, value in {
            "og:type": "website",
            "og:site_name": "Runtz AI",
            "og:title": title,
            "og:description": _short(described),
            "og:url": f"{origin}{path}",
            "og:image": f"{origin}{path}/preview.jpg",
            "og:image:type": "image/jpeg",
            "og:image:width": "1200",
            "og:image:height": "630",
            "og:image:alt": title,
        }.items()
    )
    card += '<meta name="twitter:card" content="summary_large_image">'
    figures = "".join(_figure(one, place, shown, path) for place, one in enumerate(shown.pictures, start=1))
    many = "many" if len(shown.pictures) > 1 else "one"
    return _page(
        title,
        card,
        f'<h1 class="title">{escape(title)}</h1>{_prompt(shown)}{_missing(shown.missing)}'
        f'<div class="guest-pictures {many}">{figures}</div><p class="muted guest-end">{_end(shown)}</p>',
    )


def nothing() -> str:
    """The one page for links that never were, were revoked, are over, or show nothing any more."""
    return _page(
        "Nothing is shared here",
        "",
        '<div class="empty"><h1 class="title">Nothing is shared here</h1><p>The link may have ended or been '
        "revoked, or a part of it is missing. Ask whoever sent it for a new one.</p></div>",
    )


def _page(title: str, card: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Runtz AI</title>"
        '<meta name="robots" content="noindex, nofollow"><meta name="referrer" content="no-referrer">'
        f'<meta name="theme-color" content="{BACKGROUND}">{card}'
        '<link rel="icon" href="/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/theme.css"><link rel="stylesheet" href="/controls.css">'
        '<link rel="stylesheet" href="/guest/guest.css"></head>'
        '<body><header class="guest-top"><span class="wordmark">Runtz AI</span></header>'
        f'<main class="guest">{body}</main></body></html>'
    )


def _title(shown: SharedView) -> str:
    count = len(shown.pictures)
    if count > 1:
        return f"{count} pictures side by side"
    made = shown.pictures[0]
    return f"A picture by {made.model}" if made.call_id else "A picture"


def _prompt(shown: SharedView) -> str:
    prompts = list(dict.fromkeys(one.prompt for one in shown.pictures if one.prompt))
    if not shown.with_prompt or len(prompts) != 1:
        return ""
    return f'<p class="guest-prompt" dir="auto">{escape(prompts[0])}</p>'


def _missing(count: int) -> str:
    if not count:
        return ""
    what = "One picture was" if count == 1 else f"{count} pictures were"
    return f'<p class="notice">{what} removed since this link was made.</p>'


def _figure(picture: Picture, place: int, shown: SharedView, path: str) -> str:
    alt = picture.prompt if shown.with_prompt and picture.prompt else f"Picture {place}, by {picture.model}"
    source = f"{path}/{escape(picture.id)}.webp"
    number = f'<span class="guest-number">{place}</span>' if len(shown.pictures) > 1 else ""
    mark = '<span class="simulated-mark inline">simulated</span>' if picture.simulated else ""
    own = ""
    if shown.with_prompt and picture.prompt and len({one.prompt for one in shown.pictures}) > 1:
        own = f'<span class="guest-own" dir="auto">{escape(picture.prompt)}</span>'
    return (
        f'<figure class="guest-figure hue-{escape(picture.hue)}">'
        f'<a href="{source}" aria-label="Picture {place}, large">'
        f'<img src="{source}" alt="{escape(alt)}" width="{picture.width}" height="{picture.height}"></a>'
        f'<figcaption>{number}<span class="hue"></span><b>{escape(picture.model)}</b>{mark}'
        f'<span class="mono muted">{picture.width}×{picture.height}</span>{own}</figcaption></figure>'
    )


def _end(shown: SharedView) -> str:
    if shown.expires_at is None:
        return "Read-only. This link works until it is revoked."
    return f"Read-only. This link ends on {shown.expires_at:%d %B %Y at %H:%M} UTC."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= DESCRIPTION_CHARS else f"{line[: DESCRIPTION_CHARS - 1]}…"
