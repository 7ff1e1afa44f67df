"""Small specs, one construct each, for comparing the proof at every size with small instances."""

from __future__ import annotations

TRANSFER = """
index Line
enum Owner { host, td }
param erratum : bool
state owner[Line] : Owner = host
state poison[Line] : bool = false
state taken : bool = false
action give(l : Line) when owner[l] = host { owner[l] := td  poison[l] := false }
action take(l : Line) when owner[l] = td { owner[l] := host  poison[l] := erratum }
action read(l : Line) when poison[l] { taken := true }
property safe never taken
"""

TWO_SORTS = """
index Cpu
index Line
enum Phase { run, stop, gone }
state phase : Phase = run
state dirty[Cpu, Line] : bool = false
state lost[Line] : bool = false
action touch(c : Cpu, l : Line) when phase = run { dirty[c, l] := true }
action flush(c : Cpu) { foreach l : Line { dirty[c, l] := false } }
action evict(c : Cpu, l : Line) when dirty[c, l] {
  dirty[c, l] := false
  if phase = gone { lost[l] := true }
}
action stop when phase = run { phase := stop }
"""

PAGES = """
index Page
index Line
const page_of[Line] : Page
state private[Page] : bool = false
state secret[Line] : bool = false
state leaked : bool = false
action assign(p : Page) when forall l : Line: page_of[l] = p implies not secret[l] { private[p] := true }
action store(l : Line) when private[page_of[l]] { secret[l] := true }
action read(l : Line) when not private[page_of[l]] and secret[l] { leaked := true }
"""

CURSOR = """
index Line
state cursor : Line
state mark[Line] : bool = false
action move(l : Line) when l != cursor and not mark[cursor] { cursor := l }
action set { mark[cursor] := true }
"""

MUTEX = """
index Cpu
enum Where { idle, trying, inside }
state place[Cpu] : Where = idle
state locked : bool = false
action ask(c : Cpu) when place[c] = idle { place[c] := trying }
action leave(c : Cpu) when place[c] = inside { place[c] := idle  locked := false }
property exclusive never exists c, d : Cpu: c != d and place[c] = inside and place[d] = inside
"""

SWEEP = """
index Line
param complete : bool
state dirty[Line] : bool = true
actor kernel
process sweep by kernel {
  clean: foreach l : Line { if complete { dirty[l] := false } }
  after: { }
}
property all_clean always sweep at done implies forall l : Line: not dirty[l]
"""

PER_CPU = """
index Cpu
index Line
state dirty[Cpu, Line] : bool = true
state started : bool = false
actor kernel
process stop(c : Cpu) by kernel {
  flush: { foreach l : Line { dirty[c, l] := false } }
  halt: { }
}
process boss by kernel {
  go: when forall c : Cpu: stop[c] at done { started := true }
}
"""

SPECS: dict[str, str] = {
    "transfer_safe": TRANSFER + "check safe where not erratum",
    "transfer_broken": TRANSFER + "check safe where erratum",
    "transfer_open_parameter": TRANSFER + "check safe",
    "flushed_before_the_jump": TWO_SORTS
    + """
action jump when phase = stop and (forall c : Cpu, l : Line: not dirty[c, l]) { phase := gone }
property keeps never exists l : Line: lost[l]
check keeps
""",
    "jump_without_flush": TWO_SORTS
    + """
action jump when phase = stop { phase := gone }
property keeps never exists l : Line: lost[l]
check keeps
""",
    "jump_after_one_flush": TWO_SORTS
    + """
action jump(c : Cpu) when phase = stop and (forall l : Line: not dirty[c, l]) { phase := gone }
property keeps never exists l : Line: lost[l]
check keeps
""",
    "jump_if_each_line_is_clean_somewhere": TWO_SORTS
    + """
action jump when phase = stop and (forall l : Line: exists c : Cpu: not dirty[c, l]) { phase := gone }
property keeps never exists l : Line: lost[l]
check keeps
""",
    "page_of_a_line": PAGES + "property secret_stays never leaked check secret_stays",
    "page_taken_back": PAGES
    + """
action release(p : Page) { private[p] := false }
property secret_stays never leaked
check secret_stays
""",
    "page_taken_back_when_clean": PAGES
    + """
action wipe(l : Line) { secret[l] := false }
action release(p : Page) when forall l : Line: page_of[l] = p implies not secret[l] { private[p] := false }
property secret_stays never leaked
check secret_stays
""",
    "two_pages_of_one_line": """
index Page
index Line
const page_of[Line] : Page
const twin_of[Line] : Page
assume forall l : Line: page_of[l] != twin_of[l]
state open[Page] : bool = false
action only(p : Page) when forall q : Page: not open[q] { open[p] := true }
action shut(p : Page) { open[p] := false }
property not_both never exists l : Line: open[page_of[l]] and open[twin_of[l]]
check not_both
""",
    "cursor_only_marks_itself": CURSOR
    + "property one never exists l, m : Line: l != m and mark[l] and mark[m] check one",
    "cursor_stays_where_it_marked": CURSOR
    + "property there always forall l : Line: mark[l] implies cursor = l check there",
    "cursor_marks_everything": CURSOR + "property all never forall l : Line: mark[l] check all",
    "lock": MUTEX
    + """
action enter(c : Cpu) when place[c] = trying and not locked { place[c] := inside  locked := true }
check exclusive
""",
    "lock_forgotten": MUTEX
    + """
action enter(c : Cpu) when place[c] = trying { place[c] := inside  locked := true }
check exclusive
""",
    "guard_over_the_others": MUTEX
    + """
action enter(c : Cpu) when place[c] = trying and forall d : Cpu: place[d] != inside { place[c] := inside }
check exclusive
""",
    "interruptible_sweep": SWEEP + "check all_clean where complete",
    "interruptible_sweep_incomplete": SWEEP + "check all_clean where not complete",
    "process_per_cpu": PER_CPU
    + "property clean never started and exists c : Cpu, l : Line: dirty[c, l] check clean",
    "process_per_cpu_some_clean": PER_CPU
    + "property none_clean never exists c : Cpu: forall l : Line: not dirty[c, l] check none_clean",
    "step_property": """
index Line
state version[Line] : 0..3 = 0
state pinned[Line] : bool = false
action raise(l : Line) when version[l] < 3 and not pinned[l] { version[l] := version[l] + 1 }
action pin(l : Line) { pinned[l] := true }
property grows step
  forall l : Line: version'[l] >= version[l] and (pinned[l] implies version'[l] = version[l])
check grows
""",
    "step_property_broken": """
index Line
state version[Line] : 0..3 = 0
action raise(l, m : Line) when version[l] < 3 { version[m] := 0  version[l] := version[l] + 1 }
property grows step forall l : Line: version'[l] >= version[l]
check grows
""",
    "never_stuck": """
index Line
state busy[Line] : bool = false
action begin(l : Line) when forall m : Line: not busy[m] { busy[l] := true }
action finish(l : Line) when busy[l] { busy[l] := false }
property alive never deadlock
check alive
""",
    "stuck_in_the_end": """
index Line
state busy[Line] : bool = false
action begin(l : Line) when not busy[l] { busy[l] := true }
property alive never deadlock
check alive
""",
    "bounded_integers": """
index Line
state level[Line] : -2..4 = 0
action up(l : Line) when level[l] < 4 { level[l] := level[l] + 2 }
action swap(l : Line, m : Line) when level[l] > 0 { level[m] := 4 - level[l] }
property even always forall l : Line: level[l] mod 2 = 0 and level[l] >= 0
check even
""",
    "out_of_range": """
index Line
state level : 0..3 = 0
action up(l : Line) { level := level + 1 }
property small always level <= 3
check small
""",
    "token": """
index Cpu
state has[Cpu] : bool
init exists c : Cpu: has[c] and forall d : Cpu: has[d] implies d = c
action pass(c : Cpu, d : Cpu) when has[c] { has[c] := false  has[d] := true }
property somewhere always exists c : Cpu: has[c]
property once never exists c, d : Cpu: c != d and has[c] and has[d]
check once
""",
    "token_exists": """
index Cpu
state has[Cpu] : bool
init exists c : Cpu: has[c]
action pass(c : Cpu, d : Cpu) when has[c] { has[c] := false  has[d] := true }
property somewhere always exists c : Cpu: has[c]
check somewhere
""",
    "single_element": """
index Line
state mark[Line] : bool = false
action alone(l : Line) when forall m : Line: m = l { mark[l] := true }
property never_marked never exists l : Line: mark[l]
check never_marked
""",
    "two_at_least": """
index Cpu
index Line
state met : bool = false
action meet(c, d : Cpu, l : Line) when c != d { met := true }
property apart never met
check apart
""",
    "one_single_cpu_with_two_lines": """
index Cpu
index Line
state met : bool = false
action meet(l, m : Line) when l != m and forall c, d : Cpu: c = d { met := true }
property apart never met
check apart
""",
    "no_size_at_all": """
index Line
param a : bool
assume a and not a
state x[Line] : bool = false
property p never exists l : Line: x[l]
check p
""",
    "size_one_only": """
index Line
assume forall a, b : Line: a = b
state x[Line] : bool = false
state y[Line] : bool = false
action go(l : Line) when x[l] { y[l] := true }
property p never exists l : Line: y[l]
check p
""",
    "seven_at_least": """
index Line
const a : Line
const b : Line
const c : Line
const d : Line
const e : Line
const f : Line
const g : Line
assume a != b and a != c and a != d and a != e and a != f and a != g
assume b != c and b != d and b != e and b != f and b != g
assume c != d and c != e and c != f and c != g
assume d != e and d != f and d != g
assume e != f and e != g
assume f != g
state x : bool = false
action go { x := true }
property p never x
check p
""",
    "five_at_least": """
index Line
const a : Line
const b : Line
const c : Line
const d : Line
const e : Line
assume a != b and a != c and a != d and a != e
assume b != c and b != d and b != e
assume c != d and c != e
assume d != e
state x : bool = false
action go { x := true }
property p never x
check p
""",
    "never_two_of_a_kind_without_a_third": """
index Line
state x[Line] : bool = false
action both(l, m : Line) when l != m { x[l] := true  x[m] := true }
property p never exists l : Line: x[l] and forall m : Line: m != l implies not x[m]
check p
""",
    "names_that_solvers_know": """
index Bool
enum Int { a, b }
state select[Bool] : bool = false
state store[Bool] : Int = a
state ite : Int = a
state xor : bool = false
state invariant : bool = false
state bad : bool = false
state initially : bool = false
state Bool0 : bool = false
action go(any_bool : Bool) when select[any_bool] or bad or initially { store[any_bool] := b  xor := true }
property p never exists l : Bool: store[l] = b or xor or Bool0 or ite = b or invariant
check p
""",
    "enum_binders": """
index Line
enum Kind { small, large }
state count[Kind, Line] : 0..2 = 0
action fill(k : Kind, l : Line) when count[k, l] < 2 and forall j : Kind: j = k or count[j, l] = 0 {
  count[k, l] := count[k, l] + 1
}
action idle(l : Line) when forall k : Kind: count[small, l] = 0 { count[small, l] := 0 }
property kinds_apart never exists l : Line: count[small, l] > 0 and count[large, l] > 0
check kinds_apart
""",
    "unused_constant": """
index Line
index Page
const page_of[Line] : Page
const boot : Line
state x : bool = false
action stay(l : Line) { x := false }
property p never x
check p
""",
    "an_even_number": """
index Line
state odd : bool = false
state busy[Line] : bool = false
action flip(l : Line) { busy[l] := not busy[l]  odd := not odd }
property p never odd and forall l : Line: not busy[l]
check p
""",
    "at_least_three": """
index Line
state n : 0..3 = 0
state busy[Line] : bool = false
action take(l : Line) when not busy[l] { busy[l] := true  if n < 3 { n := n + 1 } }
property p never n = 3 and exists l, m : Line: forall k : Line: busy[k] implies k = l or k = m
check p
""",
    "at_most_two": """
index Line
state n : 0..2 = 0
state busy[Line] : bool = false
action take(l : Line) when not busy[l] and n < 2 { busy[l] := true  n := n + 1 }
property p never exists a, b, c : Line: a != b and b != c and a != c and busy[a] and busy[b] and busy[c]
check p
""",
    "ring": """
index Line
const next[Line] : Line
state has[Line] : bool
init exists c : Line: has[c] and forall d : Line: has[d] implies d = c
action pass(c : Line) when has[c] { has[c] := false  has[next[c]] := true }
property once never exists c, d : Line: c != d and has[c] and has[d]
check once
""",
    "constants_in_a_cycle": """
index Line
index Page
const page_of[Line] : Page
const first_of[Page] : Line
assume forall p : Page: page_of[first_of[p]] = p
state open[Page] : bool = false
state used[Line] : bool = false
action unlock(p : Page) { open[p] := true }
action use(l : Line) when open[page_of[l]] { used[l] := true }
action forget(p : Page) when used[first_of[p]] { used[first_of[p]] := false }
property p always forall l : Line: used[l] implies open[page_of[l]]
check p
""",
    "each_line_held_by_some_cpu": """
index Cpu
index Line
state holds[Cpu, Line] : bool
init forall l : Line: exists c : Cpu: holds[c, l]
action give(c, d : Cpu, l : Line) when holds[c, l] { holds[c, l] := false  holds[d, l] := true }
property held always forall l : Line: exists c : Cpu: holds[c, l]
check held
""",
    "owner_of_a_line": """
index Cpu
index Line
state owner[Line] : Cpu
state using[Cpu, Line] : bool = false
action use(l : Line) { using[owner[l], l] := true }
action change(l : Line, c : Cpu) when not using[owner[l], l] { owner[l] := c }
action drop(l : Line) { using[owner[l], l] := false }
property only_owner always forall c : Cpu, l : Line: using[c, l] implies owner[l] = c
check only_owner
""",
    "faults": """
index Line
fault #MC "machine check" fatal
actor kernel, user
state poison[Line] : bool = false
access load(l : Line) {
  poison[l] -> fault #MC
  otherwise -> ok
}
action spoil(l : Line) { poison[l] := true }
action good(l : Line) by kernel when not poison[l] { load(l) }
action any_load(l : Line) by user { load(l) }
property kernel_survives never kernel takes #MC
check kernel_survives
""",
}

PROVED = [
    "transfer_safe",
    "flushed_before_the_jump",
    "page_of_a_line",
    "page_taken_back_when_clean",
    "two_pages_of_one_line",
    "cursor_only_marks_itself",
    "cursor_stays_where_it_marked",
    "lock",
    "guard_over_the_others",
    "interruptible_sweep",
    "process_per_cpu",
    "step_property",
    "never_stuck",
    "bounded_integers",
    "token",
    "token_exists",
    "size_one_only",
    "names_that_solvers_know",
    "enum_binders",
    "unused_constant",
    "at_most_two",
    "never_two_of_a_kind_without_a_third",
    "ring",
    "constants_in_a_cycle",
    "each_line_held_by_some_cpu",
    "owner_of_a_line",
    "faults",
]

UNKNOWN = ["an_even_number", "at_least_three"]

# Sizes in the order of the index sorts, and the length of a shortest trace.
REFUTED: dict[str, tuple[tuple[int, ...], int]] = {
    "five_at_least": ((5,), 1),
    "transfer_broken": ((1,), 3),
    "transfer_open_parameter": ((1,), 3),
    "jump_without_flush": ((1, 1), 4),
    "jump_after_one_flush": ((2, 1), 4),
    "jump_if_each_line_is_clean_somewhere": ((2, 1), 4),
    "page_taken_back": ((1, 1), 4),
    "cursor_marks_everything": ((1,), 1),
    "lock_forgotten": ((2,), 4),
    "interruptible_sweep_incomplete": ((1,), 2),
    "process_per_cpu_some_clean": ((1, 1), 1),
    "step_property_broken": ((2,), 2),
    "stuck_in_the_end": ((1,), 1),
    "out_of_range": ((1,), 4),
    "single_element": ((1,), 1),
    "two_at_least": ((2, 1), 1),
    "one_single_cpu_with_two_lines": ((1, 2), 1),
}

# Nothing can be said: the one has no initial state at any size, the other none at those that are tried.
VACUOUS, NOT_STARTED = "no_size_at_all", "seven_at_least"
