"""Read a JSON object field by field, and name the place of whatever is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from codec.canonical_json import MAX_SAFE_INTEGER
from primitives.errors import InvalidTerms

_Choice = TypeVar("_Choice", bound=StrEnum)
_STEP = re.compile(r"[^.\[\]]+")


def pointer_of(field: str) -> str:
    """The JSON pointer of a dotted place: `lanes[0].cap` is `/lanes/0/cap`. Source: RFC 6901."""
    steps = _STEP.findall(field)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def impossible(message: str, field: str, **facts: Any) -> InvalidTerms:
    """The error of a term that cannot be; it names the place in both ways."""
    return InvalidTerms(message, field=field, pointer=pointer_of(field), **facts)


class Fields:
    """The fields of one JSON object; what is missing, unknown or of another type is refused."""

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, Mapping):
            raise impossible(f"{path or 'a rule document'} must be a JSON object", path)
        self._data = data
        self._path = path
        self._seen: set[str] = set()

    def at(self, name: str) -> str:
        """The dotted place of a field."""
        return f"{self._path}.{name}" if self._path else name

    def _take(self, name: str) -> Any:
        self._seen.add(name)
        if name not in self._data:
            raise impossible(f"{self.at(name)} is missing", self.at(name))
        return self._data[name]

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str):
            raise impossible(f"{self.at(name)} must be text", self.at(name))
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._take(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        value = self._take(name)
        if type(value) is not int or abs(value) > MAX_SAFE_INTEGER:
            raise impossible(f"{self.at(name)} must be an integer of at most 53 bits", self.at(name))
        return value

    def big_integer(self, name: str) -> int:
        value = self.text(name)
        if not value.isascii() or not value.isdigit() or (value != "0" and value.startswith("0")):
            raise impossible(f"{self.at(name)} must be a decimal string", self.at(name))
        return int(value)

    def optional_integer(self, name: str) -> int | None:
        return None if self._take(name) is None else self.integer(name)

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool):
            raise impossible(f"{self.at(name)} must be true or false", self.at(name))
        return value

    def choice(self, name: str, options: type[_Choice]) -> _Choice:
        return self._chosen(self.text(name), options, self.at(name))

    def optional_choice(self, name: str, options: type[_Choice]) -> _Choice | None:
        return None if self._take(name) is None else self.choice(name, options)

    def choices(self, name: str, options: type[_Choice]) -> frozenset[_Choice]:
        """A sorted list without repeats."""
        values = self.sorted_texts(name)
        return frozenset(self._chosen(value, options, self.at(name)) for value in values)

    @staticmethod
    def _chosen(value: str, options: type[_Choice], place: str) -> _Choice:
        try:
            return options(value)
        except ValueError as error:
            known = ", ".join(option.value for option in options)
            raise impossible(f"{place} is {value!r}: expected one of {known}", place) from error

    def texts(self, name: str) -> list[str]:
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise impossible(f"{self.at(name)} must be a list of text", self.at(name))
        return value

    def sorted_texts(self, name: str) -> list[str]:
        value = self.texts(name)
        if value != sorted(set(value)):
            raise impossible(f"{self.at(name)} must be sorted, without repeats", self.at(name))
        return value

    def optional_set(self, name: str) -> frozenset[str] | None:
        return None if self._take(name) is None else frozenset(self.sorted_texts(name))

    def object(self, name: str) -> Fields:
        return Fields(self._take(name), self.at(name))

    def objects(self, name: str) -> list[Fields]:
        value = self._take(name)
        if not isinstance(value, list):
            raise impossible(f"{self.at(name)} must be a list", self.at(name))
        return [Fields(item, f"{self.at(name)}[{index}]") for index, item in enumerate(value)]

    def require_no_more(self) -> None:
        for name in self._data:
            if name not in self._seen:
                raise impossible(f"{self.at(name)} is not a field of a rule document", self.at(name))
