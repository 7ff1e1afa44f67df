"""One spec with every kind of name in it, and the names that we ourselves use."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator, Mapping

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse

TEMPLATE = """\
param {param} : bool
param {level} : 0..2
index {sort}
index {other_sort}
enum {enum} {{ {member}, {other_member} }}
const {const}[{sort}] : {enum}
actor {actor}
fault #{fault} fatal
state {flag}[{sort}, {other_sort}] : bool = false
state {count} : 0..3 = 0
state {mode} : {enum} = {member}
memory {sort} {{ {field} : bool = false }}
define {define}({bound} : {sort}) = {field}[{bound}] and {param}
access {access}({bound} : {sort}) {{
  {define}({bound}) -> fault #{fault}
  otherwise -> ok {{ {field}[{bound}] := true }}
}}
action {action}({bound} : {sort}, {other_bound} : {other_sort}) by {actor}
  when {const}[{bound}] = {enum}.{member} {{
  {flag}[{bound}, {other_bound}] := true
  {access}({bound})
}}
action {other_action} when {count} < 3 and {level} > 0 {{
  {count} := {count} + {level}
  {mode} := any {{ {enum}.{member}, {enum}.{other_member} }}
}}
process {process}({other_bound} : {other_sort}) {{
  {label}: foreach {bound} : {sort} {{ if {field}[{bound}] {{ {flag}[{bound}, {other_bound}] := false }} }}
  {other_label}: when {mode} = {enum}.{other_member} {{ }}
}}
property {safe} never exists {bound} : {sort}, {other_bound} : {other_sort}:
  {flag}[{bound}, {other_bound}] and not {field}[{bound}]
property {faulted} never {actor} takes #{fault}
property {counted} always {count} <= 2
property {gone} reachable exists {bound} : {other_sort}: {process}[{bound}] at done
property {dead} always {actor} is dead implies {param}
check {safe} where {level} = 1
check {safe} for {sort} = 2 where {level} = 1
check {safe} for {sort} = 2, {other_sort} = 1 where {level} = 1
check {faulted} where {level} = 1 expect refuted in 2
check {faulted} where {level} = 1 and not {param}
check {counted} where {level} = 1 expect refuted in 3
check {counted} where {level} = 2 expect unknown
check {gone} where {level} = 1
check {dead} where {level} = 1
"""

ROLES = """
param level sort other_sort enum member other_member const actor fault flag count mode field define
access action other_action process label other_label safe faulted counted gone dead bound
other_bound
"""

SMTLIB = """
assert declare_const define_fun forall let par BINARY DECIMAL HEXADECIMAL NUMERAL STRING Bool Int
Real Array BitVec select store ite xor distinct div mod abs bvadd bvsub bvult bvslt concat extract
push pop exit check_sat unsat sat invariant initially now lost bad false0 not and or select true
Real String Seq Set
"""

OURS = """
any_line any_a any_sort took dead at index0 index index1 place state r s n b t w h v q p l done todo
current progress sizes add append visited fresh states targets found toward expand stray names kind
input rigid slot c0 c1 c9 c99 r0 r1 r99 h0 h1 p0 p1 q0 w0 v0 v1 s0 s1 node element element0 unused
elsewhere monitor range error violated step broken start environment nobody memory_ action actor
variable line Line Line0 A A0 A1 A10 A01 format spec checks evidence formulas text formula
parameters initial steps trace any_size size property constructor prototype __proto__ toString
hasOwnProperty __init__ self cls None True False module endmodule var scope end subgraph graph
digraph edge participant note loop alt opt rect default class style click title div_ id data label
weight key attr meta bigint tup map_ vars params source keep free refresh old last next result _ __
___ _0 x1 x_1 a_b a b_c c a_b_c
"""

TOGETHER: tuple[Mapping[str, str], ...] = (
    {"sort": "A", "other_sort": "A1", "member": "A0", "other_member": "A10", "flag": "A00", "bound": "A11"},
    {"sort": "A", "other_sort": "a", "bound": "any_a", "other_bound": "any_A", "flag": "any_a1"},
    {
        "flag": "a_b",
        "count": "a",
        "mode": "b_c",
        "field": "c",
        "sort": "x",
        "other_sort": "x_a",
        "const": "x_a_b",
    },
    {"process": "p", "label": "loop", "action": "p_loop", "other_action": "loop_exit", "other_label": "exit"},
    {"sort": "Line", "flag": "any_line", "field": "line", "bound": "L", "other_bound": "Line0"},
    {"actor": "a", "fault": "dead", "flag": "a_took_dead", "count": "a_is_dead", "process": "a_at"},
    {"param": "true_", "member": "True", "other_member": "False", "const": "None", "flag": "not_"},
)


def names() -> list[str]:
    """All names of ours that the grammar takes as names."""
    found = [*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *SMTLIB.split(), *OURS.split()]
    return [name for name in dict.fromkeys(found) if _is_name(name)]


def _is_name(text: str) -> bool:
    try:
        parse(SourceFile("name.tdx", f"state {text} : bool\n"))
    except SpecError:
        return False
    return True


def harmless() -> dict[str, str]:
    return {role: f"zq{number:02}" for number, role in enumerate(ROLES.split())}


def assignments(step: int = 1) -> Iterator[dict[str, str]]:
    """Names for all roles: those that belong together, then all names, in other roles each time."""
    for together in TOGETHER:
        yield {**harmless(), **together}
    everything, roles = names(), ROLES.split()
    for first in range(0, len(everything), step):
        chosen = [everything[(first + 7 * number) % len(everything)] for number in range(len(roles))]
        # Each process has a place `done` of its own, which is no label.
        yield {role: "done_" if name == "done" else name for role, name in zip(roles, chosen, strict=True)}


def text_with(chosen: Mapping[str, str]) -> str:
    return TEMPLATE.format(**chosen)
