"""What is counted is counted in one place: nowhere else does a number stand before a noun for several."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.architecture.modules import MODULES, nodes, place, tree

NOUNS = (
    "action|answer|argument|candidate|cell|check|combination|condition|digit|effect|element|error|field|formula|"
    "group|image|index|indice|line|node|operand|part|process|row|script|size|spec|state|step|term|trace|value|"
    "variable|warning"
)
BEHIND_A_NUMBER = re.compile(rf" (?:(?:more|other|further|initial|symmetric) )?(?:{NOUNS})e?s\b")
# Where it is known that there are several.
SEVERAL = {
    ("questions/size_plan.py", " cells"),  # more than a limit
    ("questions/size_plan.py", " combinations"),
    ("questions/size_plan.py", " terms"),
    ("engines/pdr/frames.py", " symmetric images"),  # more than are kept
    ("engines/anysize.py", " elements"),  # "2 and 3"
    ("cli/why_instead.py", " states"),
    ("cli/why_proof.py", " parts"),  # "these 3"
    ("engines/bdd/backend.py", " nodes"),
    ("engines/bdd/encode.py", " values"),
    ("engines/bdd/relation.py", " steps"),
    ("logic/sizes_in_words.py", " steps"),
    ("model/checks.py", " elements"),
    ("model/declarations.py", " values"),
    ("outputs/graphs/collapse.py", " nodes"),
    ("cli/certificate.py", " checks"),  # no numbers before these two
    ("engines/fragment.py", " elements"),
}


def behind_numbers(path: Path) -> Iterator[tuple[str, str]]:
    """Where an f-string puts something in before a noun for several: the module, and the words."""
    for node in nodes(tree(path)):
        if isinstance(node, ast.JoinedStr):
            for value, text in pairwise(node.values):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    found = BEHIND_A_NUMBER.match(str(text.value))
                    if found is not None:
                        yield place(path), found[0]


def test_nouns_are_counted_in_one_place() -> None:
    assert {found for path in MODULES for found in behind_numbers(path)} == SEVERAL
