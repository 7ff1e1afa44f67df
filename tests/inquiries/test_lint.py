"""What lint finds, where it says so, and what it keeps quiet about."""

from __future__ import annotations

from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.diagnostics import Code
from tdxverify.diagnostics.explanations import explanation
from tdxverify.engines.auto import Decision
from tdxverify.evidence.verdict import Unknown
from tdxverify.inquiries import lint as lint_module
from tdxverify.inquiries import reachability
from tdxverify.inquiries.lint import LintOptions
from tdxverify.model.model import SizeRange
from tests.inquiries.conftest import WriteSpec, codes, linted, said

WARNINGS = [code for code in Code if code.is_warning]

MODULE = """\
index Line
param erratum : bool
actor kernel, guest
fault #MC "machine check"
memory Line { poison : bool = false }
define poisoned(l : Line) : bool = poison[l]
access load(l : Line) {
  poisoned(l) -> fault #MC
  otherwise   -> ok
}
access store(l : Line) { otherwise -> ok }
action read(l : Line) by kernel { load(l) }
"""

DAMAGE = "action damage(l : Line) when erratum and not poison[l] { poison[l] := true }\n"
PROPERTY = "property no_mc never kernel takes #MC\n"


@pytest.mark.parametrize("code", WARNINGS, ids=lambda code: code.name)
def test_wrong_examples_show_one_finding(code: Code, write_spec: WriteSpec) -> None:
    run = linted(write_spec(explanation(code).wrong))
    assert run.mistakes == ()
    assert [finding.code for finding in run.findings] == [code]


@pytest.mark.parametrize("code", WARNINGS, ids=lambda code: code.name)
def test_right_examples_show_none(code: Code, write_spec: WriteSpec) -> None:
    run = linted(write_spec(explanation(code).right))
    assert (run.mistakes, run.findings) == ((), ())


def test_every_finding_has_a_place_and_a_hint(write_spec: WriteSpec) -> None:
    for code in WARNINGS:
        (finding,) = linted(write_spec(explanation(code).wrong)).findings
        assert finding.span is not None
        assert finding.span.text.strip()
        assert finding.hint


# --- the behaviour of a file and of those that import it --------------------------------------


def test_where_and_for_which_sizes(write_spec: WriteSpec) -> None:
    path = write_spec(MODULE)
    assert said(linted(path)) == [
        ("W103", "fault #MC is never raised for Line = 2", 4),
        ("W102", "row 1 of access 'load' never decides for Line = 2", 8),
    ]
    sizes = (SizeRange("Line", 3, 3),)
    assert said(linted(path, options=LintOptions(sizes)))[0][1] == "fault #MC is never raised for Line = 3"


def test_an_importing_file_shows_that_something_happens(write_spec: WriteSpec) -> None:
    library = write_spec(MODULE, "library.tdx")
    root = write_spec(f'import "library.tdx"\n{DAMAGE}{PROPERTY}check no_mc expect refuted\n', "root.tdx")
    assert codes(linted(library)) == ["W103", "W102"]
    for order in ((library, root), (root, library)):
        assert codes(linted(*order)) == []


def test_findings_are_about_the_files_that_were_asked_about(write_spec: WriteSpec) -> None:
    write_spec(MODULE, "library.tdx")
    text = (
        f'import "library.tdx"\naction never when poison[l] and not poison[l] {{ }}\n{PROPERTY}'
        "check no_mc expect proved trivially\n"
    )
    root = write_spec(text.replace("never when", "idle(l : Line) when"), "root.tdx")
    assert [(code, Path(f.span.source.path).name) for f in linted(root).findings if f.span
            for code in [f.code.name]] == [("W101", "root.tdx")]  # fmt: skip


def test_what_no_importing_file_makes_happen_is_said_once(write_spec: WriteSpec) -> None:
    library = write_spec(MODULE, "library.tdx")
    roots = [
        write_spec(f'import "library.tdx"\n{PROPERTY}check no_mc expect proved trivially\n', name)
        for name in ("one.tdx", "two.tdx")
    ]
    assert codes(linted(library, *roots)) == ["W103", "W102"]


def test_a_library_without_steps_is_left_alone(write_spec: WriteSpec) -> None:
    assert codes(linted(write_spec(MODULE.replace("action read(l : Line) by kernel { load(l) }", "")))) == []


def test_a_library_need_not_use_what_it_offers(write_spec: WriteSpec) -> None:
    path = write_spec(MODULE + DAMAGE + PROPERTY)
    assert codes(linted(path)) == []
    path = write_spec(MODULE + DAMAGE + PROPERTY + "check no_mc expect refuted\n")
    assert said(linted(path)) == [
        ("W107", "actor 'guest' is never used", 3),
        ("W107", "access 'store' is never used", 11),
    ]


def test_a_step_that_is_never_made_is_not_also_said_to_change_nothing(write_spec: WriteSpec) -> None:
    text = "state a : bool = false\naction one when a { a := false }\nproperty p never a\n"
    assert said(linted(write_spec(text))) == [("W101", "step 'one' can never be made", 2)]


def test_process_steps(write_spec: WriteSpec) -> None:
    text = """\
        state a : bool = false
        process walk {
          first:  { }
          choose: either { yes: { a := true } } or { no: when a { a := false } }
          last:   { }
        }
        property p reachable a
        check p
    """
    assert said(linted(write_spec(text))) == [
        ("W116", "step 'walk.no' is never made, though its process gets there: 'a' is never true then", 4)
    ]


STOPPED = """
actor cpu stopped when paused
state paused : bool = {paused}
state crashed : bool = false
state out : bool = false
state ready : bool = false
fault #MC halts
access read() {{ crashed -> fault #MC  otherwise -> ok }}
halt when crashed
action crash {{ crashed := true }}
action sleep {{ paused := true ready := {ready} }}
process p by cpu {{ a: {{ {first} }} b: {when} {{ out := true }} }}
process q{process} {{ c: {{ out := not out }} }}
property s reachable out
check s
"""
HALT = "'halt when crashed' (stopped.tdx:8)"
ASLEEP = "'actor cpu stopped when paused' (stopped.tdx:1)"


ASKED = {
    "p.b": [
        ({"first": "crashed := true"}, f"{HALT} stops it or {ASLEEP} stops it"),
        (
            {"first": "crashed := true", "when": "when ready"},
            f"'ready' is false or {HALT} stops it or {ASLEEP} stops it",
        ),
    ],
    "p.a": [({"paused": "true"}, f"{HALT} stops it or {ASLEEP} stops it")],
    "q.c": [
        ({"process": " when ready"}, f"{HALT} stops it or 'process q when ready' (stopped.tdx:12) stops it")
    ],
}


@pytest.mark.parametrize(
    ("step", "given", "why"), [(step, *one) for step, several in ASKED.items() for one in several]
)
def test_what_stops_a_step_is_told_as_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, given: dict[str, str], why: str
) -> None:
    usual = {"paused": "false", "ready": "false", "first": "", "when": "", "process": ""}
    Path(tmp_path / "stopped.tdx").write_text(STOPPED.strip().format(**{**usual, **given}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = [one.message for one in linted(Path("stopped.tdx")).findings if one.code is Code.W116]
    assert found == [f"step '{step}' is never made, though its process gets there: every time {why}"]


def test_what_never_lets_a_step_go_on_against_trying(tmp_path: Path) -> None:
    """One of the parts named holds the step up in every state, and each is named that could."""
    random = Random(11)
    names, found = ("a", "b", "c"), 0
    for number in range(60):
        start = {name: random.random() < 0.5 for name in names}
        moves = [(random.choice(names), random.choice(names), random.random() < 0.5) for _ in range(2)]
        halt, stopped, waits, own = (random.choice((*names, "")) for _ in range(4))
        text = "".join(f"state {name} : bool = {str(value).lower()}\n" for name, value in start.items())
        text += "".join(
            f"action m{n} when {one} {{ {other} := {str(value).lower()} }}\n"
            for n, (one, other, value) in enumerate(moves)
        )
        text += f"halt when {halt}\n" if halt else ""
        text += f"actor x stopped when {stopped}\n" if stopped else "actor x\n"
        process = f" when {waits}" if waits else ""
        text += f"process p by x{process} {{ s: {f'when {own}' if own else ''} {{ a := a }} }}\n"
        text += "property q reachable a\n"
        path = tmp_path / f"waits{number}.tdx"
        path.write_text(text, encoding="utf-8")
        told = [one.message for one in linted(path).findings if one.code is Code.W116]
        states, waiting = {tuple(start.values())}, [start]
        while waiting:
            state = waiting.pop()
            for one, other, value in moves if not (halt and state[halt]) else ():
                after = {**state, other: value}
                if state[one] and tuple(after.values()) not in states:
                    states.add(tuple(after.values()))
                    waiting.append(after)
        every = [dict(zip(names, state, strict=True)) for state in states]
        held = [
            any(state[one] for one in (halt, stopped) if one)
            or any(not state[one] for one in (waits, own) if one)
            for state in every
        ]
        assert bool(told) == all(held), text
        for message in told:
            found += 1
            for part, asked in (
                (f"'halt when {halt}'", halt),
                (f"'actor x stopped when {stopped}'", stopped),
                (f"'process p when {waits}'", waits),
            ):
                assert (part in message) == bool(asked), (message, text)
    assert found > 5


def test_contradictions_are_said_once_and_instead_of_everything_else(write_spec: WriteSpec) -> None:
    run = linted(write_spec(MODULE + DAMAGE + "init false\nassume erratum\nassume not erratum\n"))
    assert codes(run) == ["W109"]
    (finding,) = run.findings
    assert len(finding.notes) == 2


def test_what_was_only_searched_for_is_said_to_be_so(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachability, "ENUMERATED", 0)
    monkeypatch.setattr(reachability, "DEEPEST", 4)
    monkeypatch.setattr(
        reachability, "decide", lambda name, *_: Decision(name, Unknown(Why.SOLVER_GAVE_UP, None))
    )
    text = MODULE + "action heal(l : Line) when poison[l] { poison[l] := false }\n"
    wanted = [
        "fault #MC was not raised within 4 steps for Line = 2; longer runs are open",
        "row 1 of access 'load' did not decide within 4 steps for Line = 2; longer runs are open",
        "step 'heal' was not made within 4 steps for Line = 2; longer runs are open",
    ]
    assert [message for _, message, _ in said(linted(write_spec(text)))] == wanted


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("define unused : bool = a\n", ["W107"]),
        ("action more(k : 0..1) { a := not a }\n", ["W107"]),
        ("action more(k, i : 0..1) when k = 0 { a := i = 1 }\n", []),
        ('action more(k : 0..1) { a := not a } emit c "f({k});"\n', []),
        ("actor guest[Mode]\nenum Mode { on }\naction more(o : Mode) by guest[o] { a := not a }\n", []),
        ("process p0 { l(k : 0..1): { a := not a } }\n", ["W107"]),
        ("define inner : bool = a\ndefine outer : bool = inner\n", ["W107"]),
        ("enum Colour { red, green }\n", ["W107"]),
        ("index Page\n", ["W107"]),
        ("const limit : 0..3 = 2\n", ["W107"]),
        ("state unused : bool\n", ["W107"]),
        ("state still : bool = false\nproperty q never still\ncheck q expect proved trivially\n", ["W118"]),
        ("state still : bool\nproperty q never still\ncheck q expect refuted\n", []),
        ("state still : bool = erratum\nproperty q never still\ncheck q expect refuted\n", []),
        (
            "index Page\nmemory Page { still : bool = false }\nproperty q never exists p : Page: still[p]\n"
            "check q expect proved trivially\n",
            ["W118"],
        ),
        ("state log : 0..3 = 0\naction note when a and log = 0 { log := 1 }\n", []),
        ("state log : bool = false\naction note when a { log := not log }\n", ["W105"]),
        ("param free : bool\n", ["W106"]),
        ("param free : bool\nassume free\n", ["W106"]),
        ("param free : bool\nassume free implies erratum\n", []),
        ("param free : bool\ndefine shown : bool = free\ncheck p where shown\n", ["W106"]),
        ("param free : bool\ninit a implies free\n", []),
        (
            "param free : 0..3\nstate many : 0..3 = free\nproperty few never many > 3\n"
            "check few expect proved trivially\n",
            [],
        ),
        ("property q reachable a\n", ["W108"]),
        # a property, a label or a parameter of the same name is no use
        ("define q : bool = a\nproperty q reachable a\ncheck q\n", ["W107"]),
    ],
)
def test_declarations_without_use(write_spec: WriteSpec, text: str, wanted: list[str]) -> None:
    spec = (
        "param erratum : bool\nstate a : bool = false\naction flip { a := erratum or not a }\n"
        "property p reachable a\ncheck p\n"
    )
    assert codes(linted(write_spec(spec + text))) == wanted


# --- checks ---------------------------------------------------------------------------------------------

CHECKED = """\
index Line
param erratum : bool
state stopped : bool = false
memory Line { poison : bool = false }
action damage(l : Line) when erratum and not poison[l] { poison[l] := true }
action stop when erratum { stopped := not stopped }
property p always forall l : Line: poison[l] implies erratum
property q never exists l : Line: poison[l] and not erratum
property r always (stopped implies erratum) and (forall l : Line: poison[l] implies erratum)
"""
UNUSED = "check p\ncheck q\ncheck r\n"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("check p where not erratum", ["W113"]),
        ("check p where not erratum expect vacuous", ["W111"]),
        ("check p where not erratum expect refuted", ["W113"]),
        ("check q where erratum expect refuted", ["W111"]),
        ("check q where erratum expect unknown", ["W111"]),
        ("check q where erratum expect vacuous", ["W111"]),
        ("property s step stopped implies not stopped'\ncheck s where erratum expect refuted", []),
        ("property s never stopped\ncheck s where erratum expect refuted", []),
        ("property s reachable stopped\ncheck s where erratum expect refuted", []),
        ("check p where erratum and not erratum", ["W110"]),
        ("check p where erratum and not erratum expect vacuous", []),
        ("check p where not erratum expect proved trivially", []),
        ("check q where erratum", ["W111"]),
        ("check q for Line = 2 where erratum", ["W111"]),
        ("check q where erratum expect proved trivially", []),
        ("check p where erratum expect proved trivially", []),
        ("check r where erratum expect proved trivially", []),
        ("property s step stopped implies not stopped'\ncheck s expect proved trivially", ["W115"]),
        ("property s reachable stopped\ncheck s expect proved trivially", ["W115"]),
    ],
)
def test_checks(write_spec: WriteSpec, line: str, wanted: list[str]) -> None:
    assert codes(linted(write_spec(f"{CHECKED}{UNUSED}{line}\n"))) == wanted


def test_an_option_against_a_check_is_not_the_mistake_of_the_file(write_spec: WriteSpec) -> None:
    path = write_spec(f"{CHECKED}{UNUSED}check p where not erratum\ncheck p where erratum and not erratum\n")
    run = linted(path, options=LintOptions(parameters=(("erratum", "true"),)))
    option, own = [one for one in run.findings if one.code is Code.W110]
    nothing = "this check of 'p' is about nothing: there is no initial state at any size, since"
    assert option.message == f"{nothing} 'where' and '--param' contradict one another"
    assert option.hint == "ask without '--param', or with another value"
    assert own.message == f"{nothing} 'where' can never hold"
    assert own.hint == "correct the condition, or say: expect vacuous"


def test_a_check_is_shown_with_its_property(write_spec: WriteSpec) -> None:
    text = CHECKED.replace("{ stopped := not stopped }", "{ }").replace("action stop", "action stop_not")
    claim = "property s step stopped implies stopped'\n"
    run = linted(write_spec(text + claim + UNUSED + "check s for Line = 1\n"))
    (finding,) = [one for one in run.findings if one.code is Code.W111]
    assert finding.message == (
        "the proof of 's' is trivial: 'stopped' is never true: no step could change that"
    )
    assert [note.span.line for note in finding.notes if note.span] == [10]


def test_a_condition_that_is_never_true(write_spec: WriteSpec) -> None:
    spec = (
        explanation(Code.W112)
        .wrong.replace("check p", "check p for Line = 2")
        .replace("state poison", "index Line\nstate poison")
    )
    run = linted(write_spec(spec))
    assert [one.message for one in run.findings if one.code is Code.W112] == [
        "a condition of 'p' is never true in this check for Line = 2: owners > 1"
    ]


# --- the machines of some checks --------------------------------------------------------------------------

GRACE = """\
param waits : bool
state reading : bool = false
state freed : bool = false
state used : bool = false
action read when not freed { reading := not reading }
action use when reading { if freed { used := true } }
process update {
  grace: when waits and not reading { }
  free: { freed := true }
}
property p never used
check p where waits expect refuted
check p where not waits expect proved trivially
"""


def test_a_process_that_waits_for_ever_in_one_check_only(write_spec: WriteSpec) -> None:
    path = write_spec(GRACE.replace("action read when not freed", "action read"))
    assert codes(linted(path)) == codes(linted(path, options=LintOptions(line=12))) == []
    found = said(linted(path, options=LintOptions(line=13)))
    assert found == [
        ("W104", "step 'use' never changes anything", 6),
        ("W117", "the branch 'if freed' in step 'use' is never taken", 6),
        ("W116", "step 'update.grace' is never made, though its process gets there: "
                 "'waits and not reading' is never true then", 8),
        ("W101", "step 'update.free' can never be made", 9),
    ]  # fmt: skip
    narrowed = linted(path, options=LintOptions(properties=("p",), parameters=(("waits", "true"),), line=12))
    assert codes(narrowed) == []


HEAD = """\
param p : 0..3
enum Mode { low, high }
actor a
fault #F
state x : bool = false
state y : bool = false
state n : 0..2 = 0
state m : Mode = low
access look {
  x and y   -> fault #F
  otherwise -> ok { if n = 2 { y := true } }
}
access fail { x = x -> fault #F }
action stir by a { y := not y  n := 1 - n  look() }
"""
NEVER_TAKEN = [
    ("if n > 2 { x := true }", ["the branch 'if n > 2' in step 's'"]),
    ("if p < 0 { } else { y := true }", ["the branch 'if p < 0' in step 's'"]),
    ("if m < low { x := true }", ["the branch 'if m < low' in step 's'"]),
    ("if n >= 0 { y := true } else { x := true }", ["the branch 'else' of 'if n >= 0' in step 's'"]),
    ("if n = 2 { } else if n > 1 { } else { y := true }",
     ["the branch 'if n = 2' in step 's'", "the branch 'else if n > 1' in step 's'"]),
    ("if n = 2 { if y { x := true } else { x := y } }", ["the branch 'if n = 2' in step 's'"]),
    ("either { } or { y := true } or { when n = 2 x := true }",
     ["the 3rd branch of this 'either' in step 's'"]),
    ("either { } or { y := true } or { when n > 2 }", ["the 3rd branch of this 'either' in step 's'"]),
    ("either { y := true } or { if n = 2 { x := true } }", ["the branch 'if n = 2' in step 's'"]),
    ("either { y := true } or { either { } or { when n = 2 x := true } }",
     ["the 2nd branch of this 'either' in step 's'"]),
    ("look() on #F { x := true } on ok { y := true }", ["'on #F' behind access 'look' in step 's'"]),
    ("look() on #F { } on ok { y := true }", []),  # it may be there because some handler has to be
    ("fail() y := true", ["what stands here in step 's'"]),
    ("fail() on #F { y := true } y := false", []),
    ("either { fail() } or { when x } if y { x := true }", ["the 2nd branch of this 'either' in step 's'",
                                                          "what stands here in step 's'"]),
    ("foreach k : 0..1 { if n > k { y := true } }", []),
    ("foreach k : 0..1 { if n > k + 1 { x := true } }", ["the branch 'if n > k + 1' in step 's'"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "wanted"), NEVER_TAKEN)
def test_what_is_never_taken(write_spec: WriteSpec, body: str, wanted: list[str]) -> None:
    run = linted(write_spec(f"{HEAD}action s by a {{ {body} }}\nproperty q never x\ncheck q\n"))
    found = [one.message for one in run.findings if one.code is Code.W117]
    row = "the branch 'if n = 2' in row 2 of access 'look' is never taken"
    verbs = ("reached" if "stands here" in one else "done" if "'on " in one else "taken" for one in wanted)
    assert found == [row, *(f"{one} is never {verb}" for one, verb in zip(wanted, verbs, strict=True))]


BETWEEN = """\
state n : 0..2 = 0
state x : bool = false
action more when n < 1 {{ n := n + 1 }}
process p {{ {items} }}
process other {{ a: as_it_is }}
property q never x
check q
"""


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ("a: { } if n > 2 { goto a }", ["the branch 'if n > 2' in process 'p' is never taken"]),
        ("a: { } if n = 2 { goto a } else { goto done }",
         ["the branch 'if n = 2' in process 'p' is never taken"]),
        ("a: { } either { goto a } or { when n = 2 goto done }",
         ["the 2nd branch of this 'either' in process 'p' is never taken"]),
        ("if n > 0 { goto b } a: { } b: { }", ["the branch 'if n > 0' in process 'p' is never taken"]),
        ("if n = 0 { goto b } a: { } b: { }", []),
        ("a: { } while n = 2 { if n = 1 { goto a } b: { } }", []),
        ("a: while n = 0 { x := false if n > 0 { x := true } }",
         ["the branch 'if n > 0' in step 'p.a' is never taken"]),
        ("a: { } if n = 0 { b: { if n = 2 { x := true } } } goto a",
         ["the branch 'if n = 2' in step 'p.b' is never taken"]),
        ("a: { if n = 2 { x := true } } b: as a",
         ["the branch 'if n = 2' in steps 'p.a' and 'p.b' is never taken"]),
        ("a: { if n = 1 { goto done } x := x } b: { n := 1 goto c } c: as a", []),
    ],
)  # fmt: skip
def test_what_is_never_taken_in_a_process(write_spec: WriteSpec, items: str, wanted: list[str]) -> None:
    run = linted(write_spec(BETWEEN.format(items=items).replace("process other { a: as_it_is }\n", "")))
    assert [one.message for one in run.findings if one.code is Code.W117] == wanted


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (LintOptions(line=1), Code.E606),
        (LintOptions(properties=("q",)), Code.E707),
        (LintOptions(parameters=(("wait", "true"),)), Code.E704),
    ],
)
def test_checks_that_are_not_there(write_spec: WriteSpec, options: LintOptions, code: Code) -> None:
    run = linted(write_spec(GRACE), options=options)
    assert [one.code for one in run.mistakes] == [code]


# --- what cannot be linted ----------------------------------------------------------------------------------


def test_files_that_are_no_specs_are_mistakes_and_the_rest_is_looked_at(write_spec: WriteSpec) -> None:
    wrong = write_spec("property p never b\n", "wrong.tdx")
    path = write_spec(MODULE)
    run = linted(wrong, path)
    assert [mistake.code for mistake in run.mistakes] == [Code.E201]
    assert codes(run) == ["W103", "W102"]


def test_sizes_that_are_too_large_are_refused(write_spec: WriteSpec) -> None:
    run = linted(write_spec(MODULE), options=LintOptions((SizeRange("Line", 10**9, 10**9),)))
    assert [mistake.code for mistake in run.mistakes] == [Code.E602]
    assert run.findings == ()


def test_checks_that_are_too_large_are_refused(write_spec: WriteSpec) -> None:
    run = linted(write_spec(f"{CHECKED}{UNUSED}check p for Line = 99999\ncheck p for Line <= 5000\n"))
    assert [finding.code for finding in run.findings] == [Code.E602, Code.E602]


def test_the_order_is_that_of_the_text(write_spec: WriteSpec, tmp_path: Path) -> None:
    for name in ("b.tdx", "a.tdx"):
        write_spec(MODULE, name)
    places = [(Path(f.span.source.path).name, f.span.line) for f in linted(tmp_path).findings if f.span]
    assert places == [("a.tdx", 4), ("a.tdx", 8), ("b.tdx", 4), ("b.tdx", 8)]


def test_a_step_that_makes_an_access_need_not_change_anything(write_spec: WriteSpec) -> None:
    declared = "state a : bool = false\naccess look { otherwise -> ok }\nproperty p never a\n"
    text = declared + "action one { look() a := a }\n"
    assert codes(linted(write_spec(text))) == []
    assert codes(linted(write_spec(text.replace("look() ", "")))) == ["W104"]


FAULTING = """
actor k
fault #F
state a : bool = true
state b : bool = false
access look {{ b -> fault #F  otherwise -> ok }}
action one by k {{ a := true  look() }}
{more}
property p never a and b
check p expect refuted
"""


def test_a_step_whose_access_can_fault_changes_something_or_faults(write_spec: WriteSpec) -> None:
    """That an access is made is not much where only a fault of it would mean anything, and there is none."""
    found = said(linted(write_spec(FAULTING.format(more=""))))
    assert ("W104", "step 'one' never changes anything, nor does an access in it fault", 7) in found
    assert codes(linted(write_spec(FAULTING.format(more="action two { b := true }")))) == []
    assert "W104" not in codes(linted(write_spec(FAULTING.format(more="").replace("a := true", ""))))


@pytest.mark.parametrize("expected", ["refuted", "unknown", "vacuous"])
def test_a_trivial_proof_is_named_whatever_is_expected(write_spec: WriteSpec, expected: str) -> None:
    path = write_spec(f"{CHECKED}{UNUSED}check q where erratum expect {expected}\n")
    told = [one.message for one in linted(path).findings if one.code is Code.W111]
    assert [one.partition(":")[0] for one in told] == [
        f"the proof of 'q' is trivial, and '{expected}' is expected"
    ]
    narrowed = linted(path, options=LintOptions(line=13))
    assert told == [one.message for one in narrowed.findings if one.code is Code.W111]


def test_a_value_out_of_range_is_no_trivial_proof(write_spec: WriteSpec) -> None:
    text = """
state n : 0..2 = 0
state x : bool = false
action up { n := n + 1 }
property p never x
check p expect refuted
"""
    assert "W111" not in codes(linted(write_spec(text)))


def test_a_parameter_that_only_rows_speak_of_is_open(write_spec: WriteSpec) -> None:
    """Some target here is always true; that must not hide from lowering what the others speak of."""
    text = """\
enum Answer { zeros, data }
param answer : Answer
state n : bool = false
access load {
  n and answer = zeros -> ok(zeros)
  n and answer = data  -> ok(data)
  not n                -> ok
}
action flip { n := not n }
action read { load() }
property stays never n
check stays expect refuted in 1
"""
    assert codes(linted(write_spec(text))) == []


@pytest.mark.parametrize(
    ("comment", "said_of"),
    [
        ("// the m\u0430chine", "CYRILLIC SMALL LETTER A"),
        ("// \u0410ttack", "CYRILLIC CAPITAL LETTER A"),
        ("/* over? *\u2215 action go { } /* */", "DIVISION SLASH"),
        ("/* over? \u2217/ */", "ASTERISK OPERATOR"),
        ("// \u05d0\u05d1 \u05d2", "HEBREW LETTER ALEF"),
    ],
)
def test_characters_that_may_be_taken_for_others(comment: str, said_of: str, write_spec: WriteSpec) -> None:
    run = linted(write_spec(f"{comment}\nstate x : bool\n"))
    assert codes(run) == ["W114"] and said_of in run.findings[0].message


@pytest.mark.parametrize(
    "comment",
    ["// \u043c\u0430\u0448\u0438\u043d\u0430", "// \u0394t in \u00b5s", "// \u65e5\u672c, na\u00efve"],
)
def test_other_alphabets_are_welcome(comment: str, write_spec: WriteSpec) -> None:
    assert codes(linted(write_spec(f"{comment}\nstate x : bool\n"))) == []


def test_what_the_time_of_the_run_is_too_short_for_is_said(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are looked at in no time; nothing is searched for when that is over."""
    spec = write_spec(MODULE + DAMAGE + PROPERTY + "check no_mc expect refuted\n")
    whole = linted(spec)
    assert not whole.out_of_time
    monkeypatch.setattr(lint_module, "sights", lambda *_: pytest.fail("searched"))
    monkeypatch.setattr(lint_module.Budget, "of", lambda seconds: Budget(deadline=monotonic()))
    cut = linted(spec, options=LintOptions(total=1.0))
    assert cut.out_of_time and not cut.mistakes
    assert set(said(cut)) <= set(said(whole))


STOPS = """
actor a, b {stopped}
fault #MC halts
state x : bool = false
state y : bool = false
{halt}
action up by a {{ x := true }}
action nothing by b when x {{ x := false }}
process p by b {guard} {{ l: {{ x := not y }} }}
property q never x and not x
check q expect proved trivially
"""


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"halt": "halt when y"}, ("'halt when y' never stops anything", 6)),
        ({"halt": "halt when x"}, None),
        ({"stopped": "stopped when y"}, ("'actor a, b stopped when y' never stops anything", 2)),
        ({"stopped": "stopped when x"}, None),
        ({"guard": "when not y"}, ("'process p when not y' never stops anything", 9)),
        ({"guard": "when x"}, None),
    ],
)
def test_what_never_stops_anything(
    write_spec: WriteSpec, given: dict[str, str], wanted: tuple[str, int] | None
) -> None:
    path = write_spec(STOPS.format(**{"halt": "", "stopped": "", "guard": "", **given}))
    found = [(text, line) for code, text, line in said(linted(path)) if code == "W119"]
    assert found == ([] if wanted is None else [wanted])


REFINED = """\
index Line
state phase : 0..2 = 0
state k : bool = false
memory Line { used : bool = false }
access look(l : Line) {
  used[l]   -> ok
  otherwise -> ok { used[l] := true }
}
action next when phase < 2 { phase := phase + 1 }
action use(l : Line) when phase = 1 { look(l) }
process p { a: when phase = 1 { k := true } b: { } }
"""


@pytest.mark.parametrize(
    ("refinement", "wanted"),
    [
        (
            "refine action next when phase < 2",
            "this refinement changes nothing: the imported file says the same",
        ),
        (
            "refine step p.a when phase = 1",
            "this refinement changes nothing: the imported file says the same",
        ),
        ("refine action next when true", "the refinement of step 'next' never stops it for Line = 2"),
        ("refine action next when phase < 1", None),
        (
            "refine action use when not k or phase > 0",
            "the refinement of step 'use' never stops it for Line = 2",
        ),
        ("refine action use when not used[l]", None),
        ("refine action use when phase != 0", "the refinement of step 'use' never stops it for Line = 2"),
        ("refine step p.b when k", "the refinement of step 'p.b' never stops it for Line = 2"),
        ("refine step p.b when phase = 2", None),
        ("refine state phase = 0", "this refinement changes nothing: the imported file says the same"),
        ("refine state phase = 1", None),
        ("refine state phase = any", None),
        (
            "refine row used[l] of look { used[l] -> ok cite F-X-1 }",
            "this refinement changes nothing: the imported file says the same",
        ),
        ("refine row used[l] of look { used[l] -> dropped cite F-X-1 }", None),
    ],
)
def test_refinements_that_change_nothing(write_spec: WriteSpec, refinement: str, wanted: str | None) -> None:
    path = write_spec("import library\n" + refinement + "\nproperty q reachable phase = 2\ncheck q\n")
    path.with_name("library.tdx").write_text(REFINED, encoding="utf-8")
    found = [(text, line) for code, text, line in said(linted(path)) if code == "W122"]
    assert found == ([] if wanted is None else [(wanted, 2)])
