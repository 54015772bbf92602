"""Judge recorded exchanges: every request we mean to be right, every answer, against its document."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from runtz_sim.conformance.allowances import Allowance
from runtz_sim.conformance.documents import Document, Violation
from runtz_sim.conformance.recording import Exchange

_WRITTEN_BARE = {"integer", "number", "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The verdict on one request or one answer."""

    document: str
    route: str
    what: str  # "request" or "answer 200"
    case: str
    violations: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = "ok" if not self.violations else "VIOLATION " + "; ".join(self.violations)
        return f"{self.document}  {self.route}  {self.what}  [{self.case}]  {verdict}"


class Judge:
    """Checks exchanges and keeps account of the allowances it had to use."""

    def __init__(self, documents: Sequence[Document], allowances: Sequence[Allowance]) -> None:
        self._documents = documents
        names = {document.name for document in documents}
        self._allowances = [allowance for allowance in allowances if allowance.document in names]
        self.used: Counter[Allowance] = Counter()

    def unneeded(self) -> list[Allowance]:
        """Allowances no exchange needed."""
        return [allowance for allowance in self._allowances if not self.used[allowance]]

    def checks(self, exchange: Exchange) -> Iterator[Check]:
        """The verdicts on one exchange; none when no document speaks of its vendor."""
        for document in self._documents:
            if exchange.path.startswith(f"{document.prefix}/"):
                yield from self._by(document, exchange)

    def _by(self, document: Document, exchange: Exchange) -> Iterator[Check]:
        path = exchange.path.removeprefix(document.prefix)
        found = document.operation(exchange.method, path)
        if found is None:
            asked = f"{exchange.method} {path}"
            if not self._allowed(document, "route", asked):
                missing = ("the document has no such route",)
                yield Check(
                    document=document.name, route=asked, what="route", case=exchange.case, violations=missing
                )
            return
        route = f"{exchange.method} {found[0]}"
        if exchange.sound and "requestBody" in found[1]:
            named = tuple(self._request(document, route, found[1]["requestBody"], exchange))
            yield Check(
                document=document.name, route=route, what="request", case=exchange.case, violations=named
            )
        named = tuple(self._answer(document, route, found[1]["responses"], exchange))
        yield Check(
            document=document.name,
            route=route,
            what=f"answer {exchange.status}",
            case=exchange.case,
            violations=named,
        )

    def _request(self, document: Document, route: str, holder: Any, exchange: Exchange) -> Iterator[str]:
        kind = exchange.request_type.partition(";")[0]
        schema = document.schema(holder, kind)
        if schema is None:
            yield f"{kind} is not documented"
        elif kind == "multipart/form-data":
            types = {name: document.types(one) for name, one in document.properties(schema).items()}
            body = _form(exchange.request_type, exchange.request_body, types)
            yield from self._named(document, f"{route} request", document.violations(schema, body))
        else:
            found = document.violations(schema, json.loads(exchange.request_body))
            yield from self._named(document, f"{route} request", found)

    def _answer(self, document: Document, route: str, responses: Any, exchange: Exchange) -> Iterator[str]:
        holder = responses.get(str(exchange.status), responses.get(f"{exchange.status // 100}XX"))
        if holder is None:
            if not self._allowed(document, "status", f"{route} {exchange.status}"):
                yield f"status {exchange.status} is not documented"
            return
        kind = exchange.answer_type.partition(";")[0]
        schema = document.schema(holder, kind)
        if schema is None:
            if "content" in holder:
                yield f"{kind} is not documented"
            return
        for message in _messages(kind, exchange.answer_body):
            chosen = document.variant(schema, message.get("type")) if kind == "text/event-stream" else schema
            yield from self._named(document, f"{route} answer", document.violations(chosen, message))

    def _named(self, document: Document, where: str, violations: Iterator[Violation]) -> Iterator[str]:
        for found in violations:
            known = found.rule == "enum" and self._allowed(
                document, "value", f"{where} {found.path}", str(found.value)
            )
            if not known:
                yield f"{found.path}: {found.message}"

    def _allowed(self, document: Document, about: str, where: str, value: str = "") -> bool:
        for allowance in self._allowances:
            if allowance.document == document.name and allowance.covers(about, where, value):
                self.used[allowance] += 1
                return True
        return False


def _messages(kind: str, body: bytes) -> list[Any]:
    """The JSON values of an answer: one, or one for each event of a stream."""
    if kind != "text/event-stream":
        return [json.loads(body)]
    return [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]


def _form(content_type: str, body: bytes, types: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """A multipart form as the object it stands for: `name[]` is a list, numbers are numbers, files their names."""
    parts = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, Any] = {}
    for part in parts.walk():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = part.get_payload(decode=True)
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        text = part.get_filename() or text
        plain = name.removesuffix("[]")
        wanted = types.get(plain, frozenset())
        if name.endswith("[]") or wanted == {"array"}:
            found.setdefault(plain, []).append(text)
        else:
            found[plain] = json.loads(text) if wanted & _WRITTEN_BARE else text
    return found
