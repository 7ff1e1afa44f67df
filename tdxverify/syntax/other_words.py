"""Words that begin declarations in other languages, and misspelt ones of ours."""

from __future__ import annotations

import difflib
from functools import cache

from tdxverify.syntax.expectations import DECLARATION_WORDS
from tdxverify.syntax.words import words

OTHER_WORDS = {
    "abort": "halt when",
    "assert": "property NAME always",
    "assumption": "assume",
    "bool": "state NAME : bool",
    "constant": "const",
    "fairness": "action",
    "function": "define",
    "halted": "halt when",
    "halts": "halt when",
    "include": "import",
    "initial": "init",
    "invariant": "property NAME always",
    "let": "define",
    "macro": "define",
    "panic": "halt when",
    "parameter": "param",
    "rule": "action",
    "sort": "index",
    **dict.fromkeys(("def", "fn", "func", "inline", "lambda", "predicate", "pred"), "define"),
    **dict.fromkeys(("int", "byte", "bit", "reg", "wire", "logic", "unsigned", "variables"), "state"),
    **dict.fromkeys(("void", "ruleset", "task"), "action"),
    **dict.fromkeys(("active", "proctype", "procedure", "thread"), "process"),
    **dict.fromkeys(("typedef", "mtype"), "enum"),
    **dict.fromkeys(("extends", "from"), "import"),
    **dict.fromkeys(("ltl", "theorem", "spec"), "property"),
    "constants": "const",
    "fact": "assume",
    "sig": "index",
    "startstate": "init",
    "struct": "memory",
    "stop": "halt when",
    "transition": "action",
    "type": "enum",
    "use": "import",
    "var": "state",
    "variable": "state",
    "verify": "check",
}


def declaration_meant(word: str) -> str | None:
    """The beginning of a declaration of ours that `word`, which begins none, stands for; None if no such
    thing is known."""
    known = OTHER_WORDS.get(word.lower())
    if known is not None or word.lower() in DECLARATION_WORDS:
        return known or word.lower()
    return next(iter(difflib.get_close_matches(word, DECLARATION_WORDS, 1)), None)


@cache
def begins_other(word: str) -> bool:
    """Whether a line that begins with `word`, and another word behind it, begins a declaration: in the
    words of another language, or misspelt."""
    if word in DECLARATION_WORDS or (word in words() and word not in OTHER_WORDS):
        return False
    return declaration_meant(word) is not None


def may_begin_declaration(word: str) -> bool:
    """The same of a word that was read as a name: one of ours is a name where what follows fits."""
    return word in DECLARATION_WORDS or begins_other(word)
