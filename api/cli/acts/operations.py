"""The operations of a running API, as its OpenAPI document tells them, and requests made from words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from primitives.errors import InvalidValue

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_STREAMS = "text/event-stream"
_HEADERS = frozenset({"Idempotency-Key"})
"""The other headers are the session's."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What an operation takes.

    Attributes:
        place: `path`, `query`, `header` or `body`.
        plain: Its value is text as it stands; otherwise it is JSON (a number, true, a list …).
    """

    name: str
    place: str
    needed: bool
    kind: str
    plain: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One act. `columns` are what a table of its answer shows."""

    name: str
    method: str
    path: str
    about: str
    arguments: tuple[Argument, ...]
    columns: tuple[str, ...]
    keyed: bool

    def request(self, words: Sequence[str], body: Mapping[str, Any] | None) -> Request:
        """From `name=value` words, and a body whose fields the words add to.

        Raises:
            InvalidValue: A word that is none, an argument that there is not, one that is missing, or a value of another
                kind.
        """
        known = {one.name: one for one in self.arguments}
        given: dict[str, Any] = {}
        for word in words:
            name, is_pair, text = word.partition("=")
            if not is_pair or name not in known:
                raise InvalidValue(
                    f"{word[:60]!r}: write name=value; {self.name} takes {', '.join(known) or 'nothing'}"
                )
            if name in given:
                raise InvalidValue(f"{name} is given twice")
            given[name] = _value(known[name], text)
        fields = {name: value for name, value in given.items() if known[name].place == "body"}
        whole = {**(body or {}), **fields}
        missing = [one.name for one in self.arguments if one.needed and one.name not in given and one.name not in whole]
        if missing:
            raise InvalidValue(f"{self.name} needs {', '.join(missing)}: write {missing[0]}=…")
        path = self.path
        for one in self.arguments:
            if one.place == "path":
                path = path.replace("{" + one.name + "}", quote(_text(given[one.name]), safe=""))
        query = {name: _text(value) for name, value in given.items() if known[name].place == "query"}
        takes_body = any(one.place == "body" for one in self.arguments)
        return Request(self.method, path, query, whole if takes_body or body is not None else None)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | None


def operations_of(document: Mapping[str, Any]) -> Mapping[str, Operation]:
    """Every operation but streams, by its name (`retry-transfer`), in the order of names."""
    return {one.name: one for one in sorted(_operations(document), key=lambda one: one.name)}


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, drawn in methods.items():
            answers = [answer for status, answer in drawn["responses"].items() if status.startswith("2")]
            kinds = {kind for answer in answers for kind in answer.get("content", {})}
            if method not in _METHODS or _STREAMS in kinds:
                continue
            parameters = drawn.get("parameters", ())
            yield Operation(
                name=drawn["operationId"].replace("_", "-"),
                method=method.upper(),
                path=path,
                about=" ".join(drawn.get("description", drawn.get("summary", "")).split()),
                arguments=(*_parameters(document, parameters), *_fields(document, drawn)),
                columns=_columns(document, answers),
                keyed=any(one["name"] in _HEADERS for one in parameters),
            )


def _parameters(document: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> Iterator[Argument]:
    for one in parameters:
        if one["in"] in ("path", "query"):
            about = one.get("description", "")
            yield _argument(document, one["name"], one["in"], one["schema"], about, needed=one.get("required", False))


def _fields(document: Mapping[str, Any], drawn: Mapping[str, Any]) -> Iterator[Argument]:
    content = drawn.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        schema = _resolved(document, content["schema"])
        needed = schema.get("required", ())
        for name, field in schema.get("properties", {}).items():
            yield _argument(document, name, "body", field, field.get("description", ""), needed=name in needed)


def _argument(
    document: Mapping[str, Any], name: str, place: str, schema: Mapping[str, Any], about: str, *, needed: bool
) -> Argument:
    kinds = sorted(_kinds(document, schema) - {"null"})
    plain = kinds == ["string"] or place == "path" or not kinds
    return Argument(
        name, place, needed, " or ".join(kinds) or "anything", plain, about or schema.get("description", "")
    )


def _kinds(document: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    schema = _resolved(document, schema)
    ways = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if ways:
        return set().union(*(_kinds(document, way) for way in ways))
    kind = schema.get("type", "string" if "enum" in schema or "const" in schema else None)
    return {kind} if isinstance(kind, str) else set(kind or ())


def _columns(document: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The plain fields of a list's items, as many as fit."""
    for answer in answers:
        schema = _resolved(document, answer.get("content", {}).get("application/json", {}).get("schema", {}))
        items = schema.get("properties", {}).get("items", {}).get("items")
        if items is not None:
            fields = _resolved(document, items).get("properties", {})
            plain = [name for name, field in fields.items() if not _kinds(document, field) & {"array", "object"}]
            return tuple(plain[:7])
    return ()


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _value(argument: Argument, text: str) -> Any:
    if argument.plain:
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    # A text that only looks like JSON stays what it is where texts are taken.
    if isinstance(value, str) and value == text and "string" not in argument.kind:
        raise InvalidValue(f"{argument.name}={text[:40]}: write {argument.kind} as JSON")
    return text if "string" in argument.kind and not isinstance(value, list | dict | bool) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
