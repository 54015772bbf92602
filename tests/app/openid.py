"""A small OpenID provider on loopback: describes itself, gives its keys, and exchanges codes for ID tokens."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "runtz-test", "a client's secret"


@dataclass
class Provider:
    """What it will say. Tests change its answers before a sign-in comes back."""

    port: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    described: dict[str, Any] = field(default_factory=dict)  # instead of what it says of itself
    claims: dict[str, Any] = field(default_factory=dict)  # instead of what it would claim
    signed_by: Any = None
    algorithm: str = "RS256"
    challenge: str = ""
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def discovery_url(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def sent(self, address: dict[str, str]) -> None:
        """A browser arrived with this query: remember what must fit later."""
        self.challenge, self.nonce = address["code_challenge"], address["nonce"]

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The body for a path."""
        if path == "/.well-known/openid-configuration":
            own = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                   "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"}  # fmt: skip
            return 200, own | self.described
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return self._tokens(form) if path == "/token" else (404, {})

    def _tokens(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        proven = (
            urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        )
        if (
            form.get("code") != "good"
            or form.get("client_secret") != CLIENT_SECRET
            or proven != self.challenge
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "google-1", "iat": now, "exp": now + 300, "nonce": self.nonce,
            "email": "ada@vela.studio", "email_verified": True, "name": "Ada Lovelace",
        } | self.claims  # fmt: skip
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, claims, self.signed_by or self.key, algorithms=[self.algorithm])
        return 200, {"id_token": token, "access_token": "x", "token_type": "Bearer"}

    def sign_with_a_shared_secret(self) -> None:
        """With what both sides know, instead of what only the provider has."""
        self.algorithm, self.signed_by = "HS256", OctKey.import_key(CLIENT_SECRET * 4)


class Running:
    """The provider while it is served."""

    def __init__(self, provider: Provider) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self._reply({name: values[0] for name, values in parse_qs(body).items()})

            def _reply(self, form: dict[str, str]) -> None:
                status, body = provider.answer(self.path, form)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        provider.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
