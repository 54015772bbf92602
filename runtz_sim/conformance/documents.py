"""An OpenAPI document as a judge: find the operation of a request, name what breaks its schema."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

# Which vendor of the simulator a document speaks of, by file name, and where its paths begin there.
COVERED = {
    "openai-images": "/openai/v1",
    "bfl": "/flux",
    "ideogram": "/ideogram",
    "anthropic-messages": "/anthropic",
}
SUFFIX = ".openapi.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is not as documented."""

    path: str  # where in the message, as a JSON path
    rule: str  # the schema keyword that is broken
    value: object
    message: str


class Document:
    """One vendor's document."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        self.name = name
        self.prefix = COVERED[name]
        self._content: dict[str, Any] = _with_nulls(content)
        self._routes = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path, operations)
            for path, operations in self._content["paths"].items()
        ]

    def operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        """(path as documented, operation) of a request, or None when the document has no such route."""
        for pattern, documented, operations in self._routes:
            if pattern.fullmatch(path) and method.lower() in operations:
                return documented, operations[method.lower()]
        return None

    def schema(self, holder: Mapping[str, Any], content_type: str) -> Mapping[str, Any] | None:
        """The schema of a request body or an answer for this content type, if it has one."""
        found: Mapping[str, Any] | None = holder.get("content", {}).get(content_type, {}).get("schema")
        return found

    def properties(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The properties of an object's schema, references followed."""
        found: Mapping[str, Any] = self._followed(schema).get("properties", {})
        return found

    def types(self, schema: Mapping[str, Any]) -> frozenset[str]:
        """The JSON types a value may have, those of its choices included."""
        followed = self._followed(schema)
        inner = (self.types(choice) for choice in followed.get("anyOf", ()))
        return frozenset({followed["type"]} if "type" in followed else ()).union(*inner)

    def variant(self, schema: Mapping[str, Any], event: object) -> Mapping[str, Any]:
        """Of a stream's event schemas the one for this `type`; the schema itself when there is no choice."""
        for choice in self._followed(schema).get("anyOf", ()):
            allowed = self.properties(choice).get("type", {}).get("enum", ())
            if event in allowed:
                return dict(choice)
        return schema

    def violations(self, schema: Mapping[str, Any], instance: object) -> Iterator[Violation]:
        """Everything in `instance` that the schema forbids."""
        whole = {**schema, "components": self._content.get("components", {})}
        for error in Draft202012Validator(
            whole, format_checker=Draft202012Validator.FORMAT_CHECKER
        ).iter_errors(instance):
            for leaf in _leaves(error):
                yield Violation(
                    path=leaf.json_path,
                    rule=str(leaf.validator),
                    value=leaf.instance,
                    message=leaf.message[:160],
                )

    def _followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self._content
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema


def load(folder: Path) -> tuple[list[Document], list[str]]:
    """(documents the simulator covers, names of those it has no routes for), by file name."""
    documents, others = [], []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        name = file.name.removesuffix(SUFFIX)
        if name in COVERED:
            documents.append(Document(name, json.loads(file.read_text())))
        else:
            others.append(name)
    return documents, others


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Of a failed choice, the errors of the branch that came closest."""
    if not error.context:
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner in min(branches.values(), key=len):
        yield from _leaves(inner)


def _with_nulls(value: Any) -> Any:
    """OpenAPI 3.0's `nullable: true`, which 3.1 documents still carry here and there, in JSON Schema's words."""
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _with_nulls(item) for name, item in value.items()}
    if found.pop("nullable", None) is not True:
        return found
    return {"anyOf": [found, {"type": "null"}]}
