"""Shapes of other languages, or of ours with a part too many: what stands around the complaint tells."""

from __future__ import annotations

import re

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import Span
from tdxverify.syntax.complaint import Complaint
from tdxverify.syntax.expectations import DECLARATION_WORDS

_AROUND = 200  # characters before a complaint, and behind it, that are looked at
_SORT = r"[A-Z]\w*[a-z]\w*"
_TYPE = rf"(?:bool|\d+\s*\.\.\s*\d+|{_SORT})"

# A shape, the message and the hint, both with what its groups are.
_SHAPES = (
    (
        r"\beach\s+(?P<binders>[\w\s,:.]+?)\s+(?P<shown>eventually|always)\b",
        "a colon stands before what is claimed",
        "write 'each {binders}: {shown} ...'",
    ),
    (
        r"\beach\s+(?P<binders>[\w\s,:.]+?)\s*:\s*(?P<shown>never|reachable)\b\s*\S",
        "'each' stands before what must happen, or must stay possible",
        "inside of a condition write 'exists {binders}: ...', as in '{shown} exists {binders}: ...'",
    ),
    (
        r"\beach\s+(?P<binders>[\w\s,:.]+?)\s*:\s*(?P<shown>always|step)\b\s*(?!possible)\S",
        "'each' stands before what must happen, or must stay possible",
        "inside of a condition write 'forall {binders}: ...', as in '{shown} forall {binders}: ...'",
    ),
    (
        r"\bexpect\s+refuted\b(?:\s+in\s+\d+)?\s+(?P<shown>(?:for\s*ever|again|loop\w*|and|then)\b)",
        "what is expected is a number of steps",
        "a loop counts with what comes before it, as in 'expect refuted in 4'",
    ),
    (
        r"\beven\s+by\s+(?P<shown>step|count\w*|number\w*|length\w*|tim\w+)\b",
        "'{shown}' is nothing that can be counted",
        "write 'even by steps'",
    ),
    (
        rf"(?P<shown>\bmore\s+than)\s+(?:{'|'.join(DECLARATION_WORDS)})\b",
        "nothing says what may be told",
        "write 'host cannot tell more than e', or 'host cannot tell'",
    ),
    (
        r"\bproperty\s+\w+\s+(?P<actor>\w+)\s+(?P<shown>can\s+not|may\s+not|can't|never)\s+(?:tell|change)",
        "who must not be able to do something 'cannot'",
        "write '{actor} cannot tell', or of an actor '{actor} cannot change e'",
    ),
    (
        r"\b(?P<shown>leads?\s+to|lead_to|leadto)\b",
        "'{shown}' is no claim",
        "write 'property p x leads_to y'",
    ),
    (
        r"\bproperty\s+\w+\s+(?P<shown>(?!eventually\b)even\w*al\w*)\s+\S",
        "'{shown}' is no claim",
        "write 'property p eventually x'",
    ),
    (
        r"\bproperty\s+\w+\s+always\s+(?P<shown>(?!possible\b)pos\w*b\w*)\s+\S",
        "'{shown}' is no word of a claim",
        "write 'property p always possible x'",
    ),
    (
        r"\bproperty\s+(?P<name>\w+)\s[^\n]*\b(?P<shown>assuming)\b",
        "a property assumes nothing",
        "a check does, as in 'check {name} assuming fair NAME'",
    ),
    (
        r"\bassuming\s+(?P<shown>(?!fair\b|strongly\b)\w+)",
        "nothing says how fair '{shown}' is",
        "write 'assuming fair NAME' or 'assuming strongly fair NAME'",
    ),
    (
        r"\bcheck\s[^\n]*?\b(?P<shown>(?!assuming\b|assume\b)as\w*u\w*ing)\b",
        "'{shown}' is no part of a check",
        "write 'assuming fair NAME'",
    ),
    (
        r"^[ \t]*(?P<shown>(?!fair\b)fai?re?\w*|(?:strong|very)\s+fair|strongly)"
        r"\s+(?P<what>action|process|actor)\b",
        "'{shown}' is not how fairness is declared",
        "write 'fair {what} ...' or 'strongly fair {what} ...'",
    ),
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
                start, end = found.span("shown" if "shown" in parts else 0)
                return Diagnostic(
                    Code.E111, told.format(**parts), Span(source, start, end), hint=hint.format(**parts)
                )
    return None
