"""Shapes of other languages, or of ours with a part too many: what stands around the complaint tells."""

from __future__ import annotations

import re

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import Span
from tdxverify.syntax.complaint import Complaint

_AROUND = 200  # characters before a complaint, and behind it, that are looked at
_SORT = r"[A-Z]\w*[a-z]\w*"
_TYPE = rf"(?:bool|\d+\s*\.\.\s*\d+|{_SORT})"

# A shape, the message and the hint, both with what its groups are.
_SHAPES = (
    (
        rf"\b(?P<word>state|param|const)\s+(?P<type>{_TYPE})\s+(?P<name>[A-Za-z_]\w*)(?=\s*=|\s*$|\s*;)",
        "the type stands behind the name",
        "write '{word} {name} : {type}'",
    ),
    (
        rf"[(,]\s*(?P<type>{_SORT})\s+(?P<name>[A-Za-z_]\w*)\s*(?=[,)])",
        "the type stands behind the name",
        "write '{name} : {type}'",
    ),
    (
        r":\s*(?P<type>[A-Za-z_]\w*)\s*\?",
        "'?' is no part of a type",
        "what may be none has the type '{type} or none'",
    ),
    (
        r"\bnone\s+or\s+(?P<type>[A-Za-z_]\w*)",
        "'none' stands behind the type",
        "write '{type} or none'",
    ),
    (
        r"\bby\s+(?P<actor>[A-Za-z_]\w*)\s*\((?P<of>[^()\n]*)\)",
        "which actor it is stands in square brackets",
        "write 'by {actor}[{of}]'",
    ),
    (
        r"\bby\s+(?P<actor>[A-Za-z_]\w*(?:\[[^\]\n]*\])?)\s*,\s*(?P<other>[A-Za-z_]\w*)",
        "one actor does a step",
        "declare one for each: an action 'by {actor}', and another one 'by {other}'",
    ),
    (
        r"\b(?P<name>[A-Za-z_]\w*)\((?P<of>[^()\n{}]*)\)\s*:=",
        "an index stands in square brackets",
        "write '{name}[{of}] := ...'",
    ),
    (
        r"\b(?P<name>[A-Za-z_]\w*)\[\s*\*\s*\]",
        "'*' is no index",
        "say it of each: as a statement 'foreach l : Line {{ ... }}', as a condition 'forall l : Line: ...'",
    ),
    (
        r"\bin\s+(?P<number>\d+)\s+steps?\b",
        "a number of steps stands alone",
        "write 'expect refuted in {number}'",
    ),
    (
        r"\brefine\s+const\s+(?P<name>[A-Za-z_]\w*)\s*=\s*any\b",
        "a constant has one value",
        "declare a parameter that may be anything, such as 'param some_{name} : 0..3', and write"
        " 'refine const {name} = some_{name}'",
    ),
    (
        r"\brefine\s+process\s+(?P<name>[A-Za-z_]\w*)\s*(?:\([^()\n]*\)\s*)?\{",
        "a process is not replaced by another one",
        "'refine process {name} when e' lets it wait; 'refine action a by process {name} {{ ... }}' puts a"
        " process in the place of an action",
    ),
    (
        r"\bimport\s+\S+\s+as\s+\"(?P<name>[A-Za-z_]\w*)\"",
        "a prefix is a name, without quotes",
        "write 'as {name}'",
    ),
    (
        r"\bif\s*::",
        "'::' begins no branch",
        "write 'if e {{ ... }} else {{ ... }}', or 'either {{ ... }} or {{ ... }}' where any may be taken",
    ),
    (
        r"\bindex\s+(?P<name>[A-Za-z_]\w*)\s*\[\s*(?P<number>\d+)\s*\]",
        "how many there are is no part of an index",
        "a check states it, as in 'check p for {name} = {number}'",
    ),
    (
        r"\brefine\s+param\s+(?P<name>[A-Za-z_]\w*)",
        "a parameter is not refined",
        "a check says what it is, as in 'check p where {name} = 1'",
    ),
    (
        r"\brefine\s+access\s+(?P<name>[A-Za-z_]\w*)",
        "a table is refined row by row",
        "write 'refine row GUARD of {name} {{ GUARD -> ok cite F-TDX-31 }}'",
    ),
    (
        r"\brefine\s+(?P<what>fault|property|index|enum|define)\b",
        "this cannot be refined",
        "guards, rows, initial values, constants and actors can be; declare another {what} under a new name",
    ),
    (
        r"\brefine\s+action\s+(?P<name>[A-Za-z_]\w*)\s*\([^()\n]*\)",
        "what is refined is called by its name alone",
        "its parameters are as declared: 'refine action {name} when e'",
    ),
    (
        r"\b(?P<shown>check\s+\w+(?:\s*,\s*\w+)*\s+for\s+(?!any\b)(?P<name>[A-Za-z_]\w*))\b\s*[^\s\d=<]\w*",
        "nothing says how many",
        "a size is 'for {name} = 2'; a configuration stands behind 'in', as in 'check p in {name}'",
    ),
    (
        r"\b(?P<a>\d+)\s*(?P<first><=?|>=?)\s*(?P<b>\w+(?:\[[^\]\n]*\])?)\s*(?P<second><=?|>=?)\s*(?P<c>\w+)",
        "comparisons do not chain",
        "join two comparisons with 'and': '{a} {first} {b} and {b} {second} {c}'",
    ),
)
_COMPILED = tuple((re.compile(shape, re.MULTILINE), told, hint) for shape, told, hint in _SHAPES)


def other_shape(complaint: Complaint) -> Diagnostic | None:
    """What to say where the complaint is inside of one of these shapes; None where it is in none."""
    source, text = complaint.source, complaint.source.text
    low = max(0, complaint.start - _AROUND)
    for shape, told, hint in _COMPILED:
        for found in shape.finditer(text, low, complaint.end + _AROUND):
            if found.start() <= complaint.start < found.end():
                parts = found.groupdict()
                end = found.end("shown") if "shown" in parts else found.end()
                return Diagnostic(
                    Code.E111, told, Span(source, found.start(), end), hint=hint.format(**parts)
                )
    return None
