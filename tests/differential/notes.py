"""What declarations may carry: descriptions, citations, templates of reproducers."""

from __future__ import annotations

import re
from random import Random

from tests.differential.vocabulary import Declared


def mixed(parts: list[str], often: float = 0.5) -> list[str]:
    """The same parts in another order, decided by their text: all else in a spec stays as it is."""
    random = Random("".join(parts))
    return random.sample(parts, len(parts)) if random.random() < often else parts


def clauses(*parts: str) -> str:
    """Clauses, each with a blank before it or empty, in some order; one may be what `Notes` made."""
    written = [piece for part in parts for piece in _apart(part)]
    return "".join(mixed(written))


def _apart(part: str) -> list[str]:
    """A description and citations are two clauses, in whichever order they stand."""
    found = re.fullmatch(r'( "(?:[^"\\]|\\.)*")?( cite [\w, -]+?)?( "(?:[^"\\]|\\.)*")?', part)
    return [piece for piece in (found.groups() if found else [part]) if piece]


def among(parts: list[str], note: str) -> str:
    """`parts` with `note` behind one of them, and perhaps with citations behind others."""
    random = Random("".join((*parts, note)))
    place = random.choice([len(parts) - 1, random.randrange(len(parts))])
    behind = [
        note if n == place else random.choice(["", "", "", f" cite F-TDX-{100 + n}"])
        for n in range(len(parts))
    ]
    return "".join(part + more for part, more in zip(parts, behind, strict=True))


def cited(*parts: str) -> str:
    """`parts`, with citations behind some of them."""
    random = Random("".join(parts))
    notes = (random.choice(["", f" cite F-TDX-{200 + n}"]) for n in range(len(parts)))
    return "".join(part + note for part, note in zip(parts, notes, strict=True))


class Notes:
    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.random: Random = declared.random

    def _description(self) -> str:
        return self.random.choice(['"a note"', '""', '"say \\"no\\" \\\\ yes"'])

    def _citations(self, last: int) -> str:
        """Each once; those with another `last` bit are others."""
        count = self.random.choice([1, 1, 2, 3])
        numbers = dict.fromkeys(self.random.randrange(10, 99) & ~1 | last for _ in range(count))
        return "cite " + ", ".join(f"F-TDX-{number}" for number in numbers)

    def after(self) -> str:
        """Nothing, or something with a blank before it."""
        return self._note(self.random.choice(["", "", "", "d", "c", "dc"]))

    def _note(self, which: str, last: int = 0) -> str:
        shown = [self._description()] if "d" in which else []
        shown += [self._citations(last)] if "c" in which else []
        return "".join(f" {one}" for one in mixed(shown, 0.2))

    def around(self) -> tuple[str, str]:
        """Before the body and behind it; only one place may describe."""
        before, behind = self.random.choice(
            [
                ("", ""),
                ("", ""),
                ("d", ""),
                ("", "d"),
                ("dc", ""),
                ("c", "dc"),
                ("c", "c"),
                ("d", "c"),
                ("", "c"),
            ]
        )
        return self._note(before), self._note(behind, 1)

    def emits(self, names: list[str]) -> str:
        """Templates, behind everything else."""
        if self.random.random() < 0.6:
            return ""
        languages = self.random.sample(["c", "sh"], self.random.choice([1, 2]))
        return "".join(f" emit {language} {self._lines(names)}" for language in languages)

    def _lines(self, names: list[str]) -> str:
        holes = [f"{{{name}}}" for name in [*names, *self.declared.indices]]
        lines = []
        for _ in range(self.random.choice([1, 1, 2])):
            hole = self.random.choice([*holes, "{{}}", "1"])
            lines.append(f'"f({hole});"')
        return " ".join(lines)
