"""Signing in with Google (or another OpenID provider): authorization code, PKCE, nonce, a checked ID token."""

import hmac
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from runtz_core.providers.addresses import Reach, RefusedAddress, server_of
from runtz_core.providers.base import ProviderError
from runtz_core.providers.exchange import exchange
from runtz_core.providers.http import AsyncClient, Response, open_client

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
DEADLINE = 20.0  # seconds for all that is asked at one step
ANSWER_BYTES = 256 * 1024
LEEWAY = 60  # seconds the provider's clock may differ from ours
_GOOGLE = ("google.com", "googleapis.com")
_ALGORITHMS = ["RS256", "ES256"]  # never "none", never a shared secret


class GoogleRefused(Exception):
    """Nobody was signed in; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What this installation is at the provider, and where the provider describes itself."""

    client_id: str
    client_secret: str = field(repr=False)
    discovery_url: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What must come back unchanged from one trip to the provider; the browser keeps it sealed."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider vouches for. `subject` never changes; the rest may."""

    subject: str
    email: str
    email_verified: bool
    name: str


async def begin(client: Client) -> tuple[str, Flow]:
    """Where to send the browser, and what to keep meanwhile. Raises GoogleRefused."""
    flow = Flow(state=generate_token(43), nonce=generate_token(43), verifier=generate_token(64))
    with _refusals_named():
        async with _asking(client) as http:
            provider = await _described(http, client)
    address = prepare_grant_uri(
        _text(provider, "authorization_endpoint"),
        client.client_id,
        "code",
        redirect_uri=client.redirect_uri,
        scope=SCOPE,
        state=flow.state,
        nonce=flow.nonce,
        code_challenge=create_s256_code_challenge(flow.verifier),
        code_challenge_method="S256",
        prompt="select_account",
    )
    return str(address), flow


async def finish(client: Client, flow: Flow, answer: Mapping[str, str]) -> Identity:
    """Whom the provider sent back, `answer` being the query it came back with. Raises GoogleRefused."""
    if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
        raise GoogleRefused("This sign-in was not started in this browser. Start it again.")
    if "code" not in answer:
        raise GoogleRefused("Google did not sign you in. Nothing was changed; try again.")
    with _refusals_named():
        async with _asking(client) as http:
            provider = await _described(http, client)
            tokens = await _exchanged(http, client, provider, answer["code"], flow.verifier)
            keys = await _read(await http.get(_text(provider, "jwks_uri")))
    return _identity(client, provider, flow, tokens, keys)


@asynccontextmanager
async def _asking(client: Client) -> AsyncIterator[AsyncClient]:
    """One conversation with the provider, behind the guard. Google's own hosts, or exactly the one configured."""
    server = server_of(client.discovery_url)
    is_google = server.host == "accounts.google.com"
    reach = Reach(
        suffixes=_GOOGLE if is_google else (), servers=frozenset() if is_google else frozenset({server})
    )
    hidden = (client.client_secret,)
    async with (
        exchange(paid=False, deadline=DEADLINE, cap=ANSWER_BYTES, hide=hidden),
        open_client(reach) as http,
    ):
        yield http


async def _described(http: AsyncClient, client: Client) -> dict[str, Any]:
    """The provider's own description, which must be about the provider it was asked of."""
    described = await _read(await http.get(client.discovery_url))
    if _text(described, "issuer").rstrip("/") + WELL_KNOWN != client.discovery_url:
        raise GoogleRefused("The sign-in provider describes itself as another one. Nothing was sent to it.")
    return described


async def _exchanged(
    http: AsyncClient, client: Client, provider: dict[str, Any], code: str, verifier: str
) -> dict[str, Any]:
    answer = await http.post(
        _text(provider, "token_endpoint"),
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "code_verifier": verifier,
        },
    )
    return await _read(answer)


def _identity(
    client: Client, provider: dict[str, Any], flow: Flow, tokens: dict[str, Any], keys: Any
) -> Identity:
    """What the ID token says, once its signature, audience, issuer, age and nonce are right."""
    try:
        token = jwt.decode(_text(tokens, "id_token"), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": _text(provider, "issuer")},
                "aud": {"essential": True, "value": client.client_id},
            },
            params={
                "nonce": flow.nonce,
                "client_id": client.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError):
        raise GoogleRefused("The answer of the sign-in provider could not be verified. Try again.") from None
    return Identity(
        subject=_text(claims, "sub"),
        email=str(claims.get("email") or ""),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or ""),
    )


async def _read(answer: Response) -> dict[str, Any]:
    try:
        body = json.loads(await answer.aread())
    except ValueError:
        body = None
    if answer.status_code != 200 or not isinstance(body, dict):
        raise GoogleRefused("The sign-in provider did not accept the sign-in. Start it again.")
    return body


def _text(values: Mapping[str, Any], name: str) -> str:
    found = values.get(name)
    if not isinstance(found, str) or not found:
        raise GoogleRefused("The sign-in provider's answer lacks something. Try again later.")
    return found


@contextmanager
def _refusals_named() -> Iterator[None]:
    try:
        yield
    except (ProviderError, RefusedAddress):
        raise GoogleRefused(
            "The sign-in provider could not be asked. Nothing was changed; try again."
        ) from None
