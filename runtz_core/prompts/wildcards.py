"""Wildcards: `{red|green}` and `__colours__` in a prompt make several prompts out of one, always the same ones.

The first choice varies slowest, so the order is the one a person would write down. Counting never makes the
prompts, and making them stops at a limit, so no template can fill the memory.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

DEPTH = 8  # groups inside groups
COUNT_LIMIT = 10**12  # more than this is "too many" and no number worth saying
FILLED_CHARS = 1_000_000  # of a template with its variables replaced

_LIST = re.compile(r"__([\w-]{1,60}?)__")
_SIGNS = re.compile(r"\\[{}|_]|__[\w-]{1,60}?__|[{}|]")
_VARIABLE = re.compile(r"\{\s*([A-Za-z][\w -]{0,40}?)\s*\}")

Lists = Mapping[str, Sequence[str]]


class WildcardProblem(ValueError):
    """The template cannot be expanded; the text is a sentence for the person who wrote it."""


class TooManyPrompts(WildcardProblem):
    """The template is well written and makes more than may run at once."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A group: one of its options is taken. Each option is a sequence of texts and groups."""

    options: tuple["_Sequence", ...]


_Part = str | _Choice
_Sequence = tuple[_Part, ...]


def variables(template: str) -> list[str]:
    """The names in `{subject}`, in order, once each. `{a|b}` is a group and no variable."""
    return list(dict.fromkeys(match.group(1) for match in _VARIABLE.finditer(template)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with its variables replaced by `values`; those without a value stay as they are."""
    return _VARIABLE.sub(lambda match: values.get(match.group(1)) or match.group(0), template)


def combined(template: str, values: Mapping[str, str]) -> str:
    """`template` with its variables replaced; several lines for one become a group, so that all are combined.

    Raises WildcardProblem when the words for them make it too long.
    """
    written: dict[str, str] = {}
    for name, lines in values.items():
        options = [_quoted(line.strip()) for line in lines.splitlines() if line.strip()]
        if options:
            written[name] = "{" + "|".join(options) + "}" if len(options) > 1 else options[0]
    names = (match.group(1) for match in _VARIABLE.finditer(template))
    if len(template) + sum(len(written.get(name, "")) for name in names) > FILLED_CHARS:
        raise WildcardProblem("There are too many words for these variables; write fewer. Nothing was run.")
    return fill(template, written)


def _quoted(words: str) -> str:
    """Words in which the signs of groups are only themselves."""
    return re.sub(r"[{}|]", lambda sign: f"\\{sign.group()}", words)


def has_wildcards(template: str, lists: Lists) -> bool:
    """Whether the template makes more than its own words."""
    return any(isinstance(part, _Choice) for part in _parse(template, lists))


def count(template: str, lists: Lists) -> int:
    """How many prompts the template makes, without making them. Raises WildcardProblem, TooManyPrompts above 10¹²."""
    found = _count(_parse(template, lists))
    if found > COUNT_LIMIT:
        raise TooManyPrompts("These wildcards make more prompts than can be counted; take some out.")
    return found


def within(template: str, lists: Lists, most: int) -> list[str]:
    """Every prompt the template makes, each once. Raises TooManyPrompts above `most`, else WildcardProblem."""
    made = count(template, lists)
    if made > most:
        raise TooManyPrompts(
            f"These wildcards make {made:,} prompts, and {most:,} of yours run at once. "
            "Take out a choice or a list. Nothing was run."
        )
    return expand(template, lists, limit=most)


def expand(template: str, lists: Lists, *, limit: int) -> list[str]:
    """The first `limit` prompts the template makes, each once. Raises WildcardProblem."""
    parsed = _parse(template, lists)
    made = ("".join(words).strip() for words in _texts(parsed))
    return list(dict.fromkeys(words for words in islice(made, limit) if words))


def _count(sequence: _Sequence) -> int:
    total = 1
    for part in sequence:
        if isinstance(part, _Choice):
            total *= sum(_count(option) for option in part.options)
    return total


def _texts(sequence: _Sequence) -> Iterator[tuple[str, ...]]:
    """Every way through a sequence, lazily: the last choice varies fastest."""
    if not sequence:
        yield ()
        return
    first, rest = sequence[0], sequence[1:]
    if isinstance(first, str):
        for words in _texts(rest):
            yield (first, *words)
        return
    for option in first.options:
        for chosen in _texts(option):
            for words in _texts(rest):
                yield (*chosen, *words)


def _parse(template: str, lists: Lists) -> _Sequence:
    signs = _signs(template)
    parsed, rest = _sequence(signs, 0, lists, 0)
    if rest != len(signs):
        raise WildcardProblem("There is a } without its {; write \\} if it belongs to the words.")
    return parsed


def _signs(template: str) -> list[str]:
    """Signs and the words between them. A group without `|` is words: `{subject}`, `{"json": 1}`."""
    signs: list[str] = []
    end = 0
    for match in _SIGNS.finditer(template):
        signs += [template[end : match.start()], match.group()]
        end = match.end()
    return [sign for sign in [*signs, template[end:]] if sign]


def _sequence(signs: Sequence[str], at: int, lists: Lists, depth: int) -> tuple[_Sequence, int]:
    """The parts from `at` up to the sign that ends this level, and where that is."""
    if depth > DEPTH:
        raise WildcardProblem(f"Groups may lie {DEPTH} deep in each other, not deeper.")
    parts: list[_Part] = []
    while at < len(signs):
        sign = signs[at]
        if sign == "}" or (sign == "|" and depth):
            break
        if sign == "{":
            group, at = _group(signs, at + 1, lists, depth + 1)
            parts += group
            continue
        parts.append(_word(sign, lists))
        at += 1
    return _joined(parts), at


def _joined(parts: Sequence[_Part]) -> _Sequence:
    """Words that follow each other as one, so that what is walked through is no longer than its groups."""
    found: list[_Part] = []
    words: list[str] = []
    for part in [*parts, None]:
        if isinstance(part, str):
            words.append(part)
            continue
        if words:
            found.append("".join(words))
            words = []
        if part is not None:
            found.append(part)
    return tuple(found)


def _group(signs: Sequence[str], at: int, lists: Lists, depth: int) -> tuple[list[_Part], int]:
    options: list[_Sequence] = []
    while True:
        option, at = _sequence(signs, at, lists, depth)
        options.append(option)
        if at >= len(signs):
            raise WildcardProblem("There is a { without its }; write \\{ if it belongs to the words.")
        if signs[at] == "}":
            break
        at += 1
    if len(options) == 1:
        return ["{", *options[0], "}"], at + 1
    return [_Choice(tuple(options))], at + 1


def _word(sign: str, lists: Lists) -> _Part:
    if sign.startswith("\\") and len(sign) == 2:
        return sign[1]
    named = _LIST.fullmatch(sign)
    if not named:
        return sign
    name = named.group(1)
    words = lists.get(name.casefold())
    if words is None:
        raise WildcardProblem(f"There is no list called __{name}__; make one, or take it out.")
    if not words:
        raise WildcardProblem(f"The list __{name}__ is empty; add some words to it.")
    return words[0] if len(words) == 1 else _Choice(tuple((word,) for word in words))
