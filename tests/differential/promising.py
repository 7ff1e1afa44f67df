"""What is said of small models and promises, held against all fair runs there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tdxverify.answers.answer import Outcome, Trivial
from tdxverify.answers.deciding import Conclusion, answer
from tdxverify.answers.lassos import lasso_in, original_of, promise_of
from tdxverify.answers.tracing import FoundTrace
from tdxverify.answers.trivially import with_triviality
from tdxverify.budget import UNLIMITED, Budget, LimitReached, held
from tdxverify.diagnostics import InternalError
from tdxverify.engines.finding import find
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.inquiries.loops import remedies
from tdxverify.model.model import Check, SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tdxverify.semantics.lasso import begin_of, length_of
from tdxverify.semantics.trace import Trace
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.differential.comparing import said_of
from tests.differential.reference.exploring import Answer, Limits, Reference
from tests.differential.reference.following import Followed, Told, followed
from tests.differential.reference.world import TooLarge
from tests.texts import Silent

SILENT = Silent()
SMALL = Limits(states=150, steps=6000, work=30_000, rounds=60_000, starts=200)
COPIES = "copies"  # the states of the question in which a loop comes back to a copy, enumerated
FEW = Budget(bound=10, max_states=6000)


def is_shortest(truth: Answer, trace: Trace) -> bool:
    """Whether `trace`, which breaks a promise, is the one to be found: its loop begins as soon as possible,
    and then it is as short as possible."""
    return truth.is_bad and (begin_of(trace), length_of(trace)) == (truth.stem, truth.bad)


@dataclass
class Comparison:
    """Of the model `text`. `counts`: (what was compared, what came out)."""

    text: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.module = parse(SourceFile("small.tdx", self.text))
        self.spec = Spec(Path("small.tdx"), build_model((self.module,)))
        self.sorts = [sort.name for sort in self.spec.model.index_sorts]
        self._references: dict[int, Reference | None] = {}

    # --- at one size

    def checks(self) -> Iterator[tuple[ast.CheckDecl, Check]]:
        declared = self.module.declarations
        found = (d for d in declared if isinstance(d, ast.CheckDecl))
        return zip(found, self.spec.model.checks, strict=True)

    def truth(self, declaration: ast.CheckDecl, size: int) -> Answer | None:
        """None where there is too much to look at."""
        if size not in self._references:
            self._references[size] = Reference(self.module, dict.fromkeys(self.sorts, size), SMALL)
        reference = self._references[size]
        if reference is None:
            return None
        try:
            return reference.answer(declaration, declaration.properties[0].text)
        except TooLarge:
            self._references[size] = None
            return None

    def verdicts(self, size: int, engine: str = "explicit", *, certify: bool = True) -> None:
        """Of every check, with the evidence: of proofs only where they are to be certified."""
        for declaration, check in self.checks():
            truth = self.truth(declaration, size)
            if truth is None:
                self.counts["left out", "too large"] += 1
                continue
            where = f"{check.span.text} at {size}, {engine}"
            try:
                said, good = self._verdict(check, truth, size, engine, certify=certify)
            except InternalError as error:
                self.faults.append(f"{where}: {error}")
                continue
            self._counted(f"{engine} at {size}", said, good, where, truth)

    def _verdict(
        self, check: Check, truth: Answer, size: int, engine: str, *, certify: bool
    ) -> tuple[str, bool]:
        """In a word, and whether it is right. Raises InternalError where the evidence is refused."""
        problem = lower(self.spec.model, check, dict.fromkeys(self.sorts, size))
        copies = engine == COPIES
        if copies:
            engine, problem = "explicit", replace(problem, origin=None)
        try:
            with held(FEW):
                if certify or engine != "explicit":
                    verdict = find(engine, problem, FEW, SILENT).verdict
                else:
                    verdict = ENGINES[engine].run(problem, FEW, SILENT)
        except LimitReached:
            return "unknown", True
        match verdict:
            case Refuted(trace=trace, unsure=unsure):
                if lasso_in(Question(self.spec, check, Options()), problem, trace) is None:
                    return "E510", truth.is_wrong and truth.wrong == len(trace)
                if unsure or copies:  # whether there is a shorter one
                    return "refuted somehow", truth.is_bad
                return "refuted", is_shortest(truth, trace)
            case Proved():
                return "proved", truth.started and truth.length is None
            case Unknown():
                return "unknown", True
        return "vacuous", not truth.started

    def _counted(self, what: str, said: str, good: bool, where: str, truth: object) -> None:
        self.counts[what, said] += 1
        if not good:
            self.faults.append(f"{where}: {said}; it is {truth}")

    def for_any_size(self, seconds: float, most: int = 4) -> None:
        """Of every check, with nobody saying how many there are; held against sizes up to `most`."""
        for declaration, check in self.checks():
            asked = Question(self.spec, check, Options(engine="any-size", timeout=seconds))
            where = f"{check.span.text} at any size"
            try:
                found = answer(asked, UNLIMITED, SILENT)
            except InternalError as error:
                self.faults.append(f"{where}: {error}")
                continue
            said = said_of(found.answer.outcome, found.diagnostics)
            self.counts["any size", said] += 1
            if said in ("unknown", "E510"):
                continue
            last = found.decided[-1].verdict
            sizes = dict(last.trace.sizes) if isinstance(last, Refuted) else {}
            for size in {*sizes.values()} if sizes else range(1, most + 1):
                truth = self.truth(declaration, size) if len({*sizes.values()}) < 2 else None
                if truth is None:
                    continue
                right = {
                    "proved": truth.length is None,
                    "refuted": isinstance(last, Refuted)
                    and (is_shortest(truth, last.trace) or bool(last.unsure and truth.is_bad)),
                    "vacuous": not truth.started,
                }[said]
                self._counted(f"any size, held against {size}", said, right, where, truth)

    # --- what is printed beside it

    def sentences(self, size: int, *, ask_why: bool = False) -> None:
        """Of every check, answered as a user gets it."""
        for declaration, check in self.checks():
            truth = self.truth(declaration, size)
            if truth is None:
                continue
            sizes = tuple(SizeRange(sort, size, size) for sort in self.sorts)
            asked = Question(self.spec, check, Options(sizes=sizes, timeout=20))
            where = f"{check.span.text} at {size}"
            try:
                found = answer(asked, UNLIMITED, SILENT)
            except InternalError as error:
                self.faults.append(f"{where}: {error}")
                continue
            self._outcome(found, truth, where)
            reference = self._references[size]
            assert reference is not None
            if found.answer.outcome is Outcome.PROVED and truth.started and truth.bad is None:
                self._trivial(asked, found, reference, declaration, where)
            if found.answer.outcome is Outcome.REFUTED:
                self._loop(asked, found, reference, declaration, where, ask_why=ask_why)

    def _outcome(self, found: Conclusion, truth: Answer, where: str) -> None:
        said = said_of(found.answer.outcome, found.diagnostics)
        good = {
            "proved": truth.started and truth.length is None,
            "refuted": truth.started and truth.is_bad and found.answer.length == truth.bad,
            "vacuous": not truth.started,
            "E510": truth.is_wrong,
            "unknown": True,
        }[said]
        self._counted("answers", said, good, where, truth)

    def _trivial(
        self,
        asked: Question,
        found: Conclusion,
        reference: Reference,
        declaration: ast.CheckDecl,
        where: str,
    ) -> None:
        is_asked = asked_at_all(reference, declaration)
        said = with_triviality(found, asked, UNLIMITED).trivial
        good = said in (None, Trivial.OPEN) or (said is Trivial.YES) == (not is_asked)
        self._counted("a proof", str(said and said.value), good, where, f"asked for: {is_asked}")

    def _loop(
        self,
        asked: Question,
        found: Conclusion,
        reference: Reference,
        declaration: ast.CheckDecl,
        where: str,
        *,
        ask_why: bool,
    ) -> None:
        last = found.decided[-1]
        assert isinstance(last.verdict, Refuted)
        lasso = lasso_in(asked, last.problem, last.verdict.trace)
        story = found.answer.told.story
        assert lasso is not None and story is not None and story.loop is not None
        original, promise = original_of(asked, last.problem), promise_of(asked)
        assert promise is not None
        run = followed(reference, original, promise, lasso, declaration)
        if run is None:
            self.faults.append(f"{where}: the run that is shown is none")
            return
        self._counted("excluded by", str(len(story.loop.excluded_by)),
                      set(story.loop.excluded_by) == self._unfair(run), where, self._unfair(run))  # fmt: skip
        self._since(story.violation.instead if story.violation else None, run, where)
        shown = (story.loop.begin, story.loop.stops, len(story.steps))
        right = (lasso.begin, lasso.begin == len(lasso.trace), len(lasso.trace))
        self._counted("loop", "stops" if lasso.stops else "goes round", shown == right, where, right)
        if ask_why:
            self._why(FoundTrace(asked, original, lasso.trace, story), run, where)

    def _unfair(self, run: Followed) -> set[str]:
        model = self.module.declarations
        names = [d.name.text for d in model if isinstance(d, ast.ActionDecl | ast.ProcessDecl)]
        names += [name.text for d in model if isinstance(d, ast.ActorDecl) for name in d.names]
        return {name for name in names if not run.is_fair_to(name) and not self._is_declared(name)}

    def _is_declared(self, name: str) -> bool:
        """Weakly fair already: it is no help to assume it."""
        declared = (one for one in self.spec.model.fairness if not one.strong)
        return any(one.name == name for one in declared)

    def _since(self, told: str | None, run: Followed, where: str) -> None:
        """Since when something is asked for, as the sentence says it."""
        since = run.asked_since()
        if told is None or run.is_eventually:
            return
        place = "at the start" if since == 0 else f"after step {since}"
        good = re.search(rf"\b{place}\b", told) is not None
        self._counted("since when", "told", good, where, f"{since}, but: {told}")

    def _why(self, found: FoundTrace, run: Followed, where: str) -> None:
        for one in remedies(found, UNLIMITED):
            fair = tuple((each.name, each.strong) for each in one.fair)
            if one.holds is None:
                self.counts["what helps", "open"] += 1
                continue
            right = run.holds_with(Told(fair, one.name, one.value))
            if right is None:
                continue
            self._counted("what helps", str(one.holds), one.holds == right, where, f"{one}: {right}")


def asked_at_all(reference: Reference, declaration: ast.CheckDecl) -> bool:
    """Is something asked for in a reachable state, or at the start where it is asked once, and not so yet?"""
    name = declaration.properties[0].text
    claim = next(one for one in reference.properties if one.name.text == name)
    return any(
        not reference.holds_in(claim.condition, graph.states[state], bound)
        and (claim.premise is None or reference.holds_in(claim.premise, graph.states[state], bound))
        for graph in reference.graphs(declaration.where)
        for state in (graph.starts if claim.premise is None else range(len(graph.states)))
        for bound in reference.world.bindings(claim.binders)
    )
