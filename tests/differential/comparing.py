"""One generated spec put to everything that answers: where two answers exclude each other is a fault."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from time import monotonic

from tdxverify.answers.answer import Outcome
from tdxverify.answers.deciding import answer
from tdxverify.budget import UNLIMITED, Budget, LimitReached, held
from tdxverify.diagnostics import Code, Diagnostic, InternalError, SpecError
from tdxverify.engines.registry import ENGINES, decide
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.measure import Measure
from tdxverify.model.model import Check
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec as Loaded
from tdxverify.semantics.lasso import begin_of, length_of
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.differential.reference.exploring import Answer, Limits, Reference, in_configs
from tests.differential.reference.statements import Unsound
from tests.differential.reference.world import Meaningless, TooLarge
from tests.differential.storing import stored_faults
from tests.printing import print_module
from tests.texts import Silent

GROUND = tuple(n for n, row in ENGINES.items() if n != "any-size" and row.is_installed)
GENERAL = tuple(n for n, row in ENGINES.items() if row.any_size and row.is_installed)
# What may be refused although a plain reading gives it a meaning: the front end decides by sufficient
# conditions, or by all states, reachable or not.
CAUTIOUS = {"E309", "E401", "E405", "E411", "E412", "E413", "E416", "E417", "E504", "E505", "E602"}
MOST_NODES = 6000  # of the formulas of one problem
SILENT = Silent()


@dataclass(frozen=True)
class Fault:
    """`kind` is what shrinking keeps; `text` what a person reads; `engines` who is needed to see it."""

    kind: str
    text: str
    engines: tuple[str, ...] = ()


@dataclass
class Examined:
    """What became of one spec. `compared`: (engine, size or `any`) -> comparisons with the reference."""

    refused: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)  # of the reference
    seconds: float = 0.0


@dataclass(frozen=True)
class Effort:
    """`seconds` for one engine on one question; sizes beyond `all_engines` are for enumeration alone."""

    seconds: float = 2.0
    all_engines: int = 2
    largest: int = 5
    questions: int = 3
    store: bool = True
    engines: tuple[str, ...] = GROUND
    limits: Limits = field(default_factory=Limits)
    plain: bool = False
    general: bool = True  # whole checks too, not only instances of them
    quick: bool = False  # fewer combinations of sizes


HAND_MADE = Effort(seconds=20.0, largest=3, quick=True)  # for specs that a test writes itself


def examine(files: Mapping[str, str], folder: Path, effort: Effort) -> Examined:
    """Everything there is to compare about the spec `files`, written into the empty `folder`."""
    found = Examined()
    begun = monotonic()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    try:
        _Examination(folder / "main.tdx", effort, found).run()
    except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        found.faults.append(crash(error, "examining"))
    found.seconds = monotonic() - begun
    return found


def crash(error: BaseException, doing: str) -> Fault:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.name}"
    told = "".join(traceback.format_exception(error)[-6:])
    return Fault(
        f"crash {type(error).__name__} in {where}", f"{doing}: {type(error).__name__}: {error}\n{told}"
    )


class _Examination:
    def __init__(self, path: Path, effort: Effort, found: Examined) -> None:
        self.path = path
        self.effort = effort
        self.found = found
        self._references: dict[tuple[tuple[str, int], ...], Reference | str] = {}

    def fault(self, kind: str, text: str) -> None:
        self.found.faults.append(Fault(kind, text))

    def run(self) -> None:
        try:
            modules = load(self.path)
        except SpecError as error:
            self._refused(error)
            return
        self._round_trip(modules)
        self.module = _merged(modules)
        try:
            model = build_model(modules)
        except SpecError as error:
            self._refused(error)
            return
        self.spec = Loaded(self.path, model)
        self.sorts = [sort.name for sort in model.index_sorts]
        declared = [(asked, name.text) for d in modules[-1].declarations if isinstance(d, ast.CheckDecl)
                    for name in d.properties for asked in in_configs(d, self.module)]  # fmt: skip
        if [name for _, name in declared] != [check.property for check in model.checks]:
            self.fault("checks", "the model has other checks than the text")
            return
        self.pairs = list(zip((d for d, _ in declared), model.checks, strict=True))[: self.effort.questions]
        for sizes in self._sizes():
            self._at(sizes)
        if self.effort.general and not any(fault.kind.startswith("wrong") for fault in self.found.faults):
            for declaration, check in self.pairs:
                self._in_general(declaration, check)
        if self.effort.store and not self.found.faults:
            self.found.faults += stored_faults(self.path, self._wrong, self.found.compared)

    def _refused(self, error: SpecError) -> None:
        self.found.refused = tuple(dict.fromkeys(d.code.name for d in error.diagnostics))
        if self.effort.plain and not set(self.found.refused) & CAUTIOUS:
            told = "; ".join(f"{d.code.name} {d.message}" for d in error.diagnostics)
            self.fault(f"refused {self.found.refused[0]}", f"a plain spec is refused: {told}")

    def _round_trip(self, modules: tuple[ast.Module, ...]) -> None:
        for module in modules:
            text = print_module(module)
            again = parse(SourceFile("printed.tdx", text))
            if again != module or print_module(again) != text:
                self.fault("round trip", f"printed and parsed again it says something else:\n{text}")
            self.found.compared["printer and parser"] += 1

    # --- the reference ----------------------------------------------------------------------

    def _sizes(self) -> Iterator[dict[str, int]]:
        """Every combination up to what all engines are asked; beyond that the same size for all."""
        few = range(1, self.effort.all_engines + 1)
        for sizes in product(few, repeat=len(self.sorts)):
            if self.effort.quick and len(set(sizes)) > 1:
                continue
            yield dict(zip(self.sorts, sizes, strict=True))
        if self.sorts:
            for size in range(self.effort.all_engines + 1, self.effort.largest + 1):
                yield dict.fromkeys(self.sorts, size)

    def _truth(self, declaration: ast.CheckDecl, name: str, sizes: Mapping[str, int]) -> Answer | None:
        """What the reference says; None where it has to give up, or found the spec to be without meaning."""
        key = tuple(sizes.items())
        if key not in self._references:
            self._references[key] = Reference(self.module, sizes, self.effort.limits)
        reference = self._references[key]
        if isinstance(reference, str):
            return None
        try:
            return reference.answer(declaration, name)
        except TooLarge:
            self.found.skipped["too large for the reference"] += 1
            self._references[key] = "too large"
        except (Unsound, Meaningless) as error:
            kind = str(error).split(" ")
            self.fault("accepted: " + " ".join(kind[:3]), f"accepted at {dict(sizes)}, but {error}")
            self._references[key] = "unsound"
        return None

    # --- sizes that are stated -----------------------------------------------------------------

    def _at(self, sizes: Mapping[str, int]) -> None:
        few = all(size <= self.effort.all_engines for size in sizes.values())
        for declaration, check in self.pairs:
            truth = self._truth(declaration, check.property, sizes)
            if truth is None:
                continue
            self.found.answers[str(truth).split(" in ")[0]] += 1
            problem = lower(self.spec.model, check, sizes)
            measure = Measure()
            if sum(measure.size(one) for one in problem.expressions()) > MOST_NODES:
                self.found.skipped["too large for the engines"] += 1
                continue
            said: dict[str, list[Fault]] = {}
            for engine in self.effort.engines if few else ("explicit",):
                if not self._worth(engine, check, sizes):
                    continue
                wrong = self._ask(engine, problem, check, truth, sizes)
                said |= {} if wrong is None else {engine: wrong}
            self._sum_up(said)

    def _worth(self, engine: str, check: Check, sizes: Mapping[str, int]) -> bool:
        """Whether to ask: starting a process for a diagram costs more than the rest together."""
        if engine == "explicit":
            return True
        first = check is self.pairs[0][1]
        if self.effort.quick:
            return first and all(size == self.effort.all_engines for size in sizes.values())
        return engine != "bdd" or first

    def _sum_up(self, said: Mapping[str, list[Fault]]) -> None:
        """One fault for all engines that are wrong: if all are, the model they got is, or the reference."""
        wrong = tuple(engine for engine, faults in said.items() if faults)
        if not wrong:
            return
        first = said[wrong[0]][0]
        if wrong == tuple(said):
            self.found.faults.append(Fault(f"{first.kind} (all engines)", first.text, wrong[:1]))
        else:
            agree = [engine for engine in said if engine not in wrong]
            self.found.faults.append(
                Fault(f"{first.kind} ({', '.join(wrong)})", first.text, (*wrong, *agree[:1]))
            )

    def _ask(
        self, engine: str, problem: object, check: Check, truth: Answer, sizes: Mapping[str, int]
    ) -> list[Fault] | None:
        """The faults in a definite answer; None if there is none."""
        budget = Budget(bound=15, deadline=monotonic() + self.effort.seconds, max_states=20_000)
        asked = f"{check.property} at {dict(sizes)}"
        try:
            with held(budget):
                verdict = decide(engine, problem, budget, SILENT).verdict  # type: ignore[arg-type]
        except LimitReached:
            self.found.undecided[engine] += 1
            return None
        except InternalError as error:
            self.fault(f"internal {engine}", f"{asked}: {error}")
            return None
        except Exception as error:  # noqa: BLE001 - a crash of an engine, which must not end the comparison
            self.found.faults.append(crash(error, f"{engine}, {asked}"))
            return None
        if isinstance(verdict, Unknown):
            self.found.undecided[engine] += 1
            clean = verdict.clean_through
            if clean is not None:
                self.found.compared[f"{engine}, no trace so far"] += 1
            if clean is not None and truth.length is not None and truth.length <= clean:
                told = f"{asked}: clean through {clean}, but {truth}"
                return [Fault(f"wrong: proved, not {_first_word(truth)}", told)]
            return None
        self._certify(engine, problem, verdict, asked)
        self.found.compared[engine] += 1
        return wrong_verdict(engine, verdict, truth, asked)

    def _certify(self, engine: str, problem: object, verdict: Verdict, asked: str) -> None:
        try:
            held = certified(problem, verdict, Budget(deadline=monotonic() + 10))  # type: ignore[arg-type]
        except InternalError as error:
            self.fault(f"evidence {engine}", f"{asked}: {error}")
            return
        if isinstance(held, Unknown):
            self.found.skipped["evidence not rechecked"] += 1

    # --- whole checks, at any size where they say so ---------------------------------------------

    def _in_general(self, declaration: ast.CheckDecl, check: Check) -> None:
        for engine in GENERAL:
            asked = Question(self.spec, check, Options(engine=engine, timeout=3 * self.effort.seconds))
            if engine != "auto" and not asked.sizing.any_size:
                continue
            first = check is self.pairs[0][1]
            if engine == "auto" and self.effort.quick and asked.sizing.any_size and not first:
                continue  # it leaves that to `any-size`, which is asked anyway
            try:
                found = answer(asked, UNLIMITED, SILENT)
            except InternalError as error:
                self.fault(f"internal {engine} any size", f"{check.property}: {error}")
                continue
            except Exception as error:  # noqa: BLE001 - see above
                self.found.faults.append(crash(error, f"{engine} on the whole check of {check.property}"))
                continue
            last = found.decided[-1] if found.decided else None
            word = said_of(found.answer.outcome, found.diagnostics)
            if word == "unknown":
                self.found.undecided[f"{engine} any size"] += 1
                continue
            if last is not None and isinstance(last.verdict, Refuted) and last.verdict.unsure:
                self.found.undecided[f"{engine} shortest"] += 1
                continue
            trace = last.verdict.trace if last is not None and isinstance(last.verdict, Refuted) else None
            sizes = None if trace is None or last is None else dict(last.problem.sizes)
            length = None if trace is None else length_of(trace)
            self._wrong_check(declaration, check, engine, word, sizes, length, asked.sizing.any_size)

    def _wrong_check(
        self,
        declaration: ast.CheckDecl,
        check: Check,
        engine: str,
        word: str,
        sizes: Mapping[str, int] | None,
        length: int | None,
        any_size: bool,
    ) -> None:
        """Compare an outcome. `sizes` and `length`: of its trace."""
        if sizes is not None:
            instances = [dict(sizes)]
        elif any_size:
            instances = [dict(i) for i in self._sizes()]
        else:
            instances = self._stated(declaration)
        truths = [(i, self._truth(declaration, check.property, i)) for i in instances]
        starts = any(truth is None or truth.started for _, truth in truths)
        for instance, truth in truths:
            if truth is None:
                continue
            self.found.compared[f"{engine} any size" if any_size else f"{engine} check"] += 1
            reachable = self._kind(check) is ast.PropertyKind.REACHABLE
            expected = _expected(truth, reachable)
            said = f"{word} in {length}" if length is not None else word
            elsewhere = not truth.started and word != "vacuous" and (any_size or starts)
            if said not in expected and not elsewhere:
                where = f"{check.property}, whole check, {engine}" + (", any size" if any_size else "")
                self.fault(
                    f"wrong {engine} {word}", f"{where}: {said}; at {instance}: {' or '.join(expected)}"
                )

    def _kind(self, check: Check) -> ast.PropertyKind:
        return next(p.kind for p in self.spec.model.properties if p.name == check.property)

    def _stated(self, declaration: ast.CheckDecl) -> list[dict[str, int]]:
        """The sizes that a check states, as far as they are certain: those left out are two."""
        stated = {s.sort.text: range(1 if s.at_most else s.size, s.size + 1) for s in declaration.sizes}
        choices = [stated.get(sort, range(2, 3)) for sort in self.sorts]
        if not all(sort in stated for sort in self.sorts):
            return []
        return [dict(zip(self.sorts, sizes, strict=True)) for sizes in product(*choices)]

    def _wrong(self, number: int, word: str, length: int | None, any_size: bool, doing: str) -> None:
        """For stored answers: check `number` came out as `word`."""
        if number < len(self.pairs) and word != "unknown" and length is None:
            declaration, check = self.pairs[number]
            self._wrong_check(declaration, check, doing, word, None, length, any_size)


def _merged(modules: tuple[ast.Module, ...]) -> ast.Module:
    """All declarations; checks of the root alone."""
    declarations: list[ast.Declaration] = []
    for module in modules[:-1]:
        declarations += [d for d in module.declarations if not isinstance(d, ast.CheckDecl)]
    return replace(modules[-1], imports=(), declarations=(*declarations, *modules[-1].declarations))


def said_of(outcome: Outcome, diagnostics: tuple[Diagnostic, ...]) -> str:
    """A size that is too large (E602) leaves the answer open; a mistake of the spec is one."""
    wrong = any(one.code in (Code.E510, Code.E511) for one in diagnostics)
    return "E510" if outcome is Outcome.UNKNOWN and wrong else str(outcome.value)


def _expected(truth: Answer, reachable: bool) -> list[str]:
    """Every outcome of a check that is right."""
    if not truth.started:
        return ["vacuous"]
    if truth.length is None:
        return ["refuted" if reachable else "proved"]
    found = []
    if truth.is_bad:
        found.append(f"{'proved' if reachable else 'refuted'} in {truth.bad}")
    if truth.is_wrong:
        found.append(f"E510 in {truth.wrong}")
    return found


def wrong_verdict(engine: str, verdict: Verdict, truth: Answer, asked: str) -> list[Fault]:
    """The fault in a definite verdict about one instance, if there is one."""
    match verdict:
        case Refuted(trace=trace):
            said = f"refuted or E510 in {len(trace)}"
            if verdict.unsure:  # that there is no shorter one is not said
                return []
            right = truth.started and truth.length == len(trace)
            right = right and (not truth.is_bad or begin_of(trace) in (None, truth.stem))
            right = right and (
                truth.is_bad if length_of(trace) < len(trace) else truth.is_wrong or not truth.of_runs
            )
        case Proved():
            said, right = "proved", truth.started and truth.length is None
        case Vacuous():
            said, right = "vacuous", not truth.started
        case _:
            return []
    if right:
        return []
    word = said.split(" ", maxsplit=1)[0]
    return [
        Fault(f"wrong: {word}, not {_first_word(truth)}", f"{asked}: {engine} says {said}; it is {truth}")
    ]


def _first_word(truth: Answer) -> str:
    return str(truth).split(" ", maxsplit=1)[0]
