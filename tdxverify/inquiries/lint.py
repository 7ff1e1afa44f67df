"""Everything in specs that is well-formed and probably not what was meant.

A declaration of an imported file is looked at together with every root file that imports it, and counts as
useful if it is for one of them. Findings are about the files that were asked about, not about the library
that they import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import RunObserver
from tdxverify.budget import Budget, LimitReached, held
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.inquiries.behaviour import Target, finding, targets
from tdxverify.inquiries.checks import CheckAnalysis
from tdxverify.inquiries.configurations import configuration_findings
from tdxverify.inquiries.lookalikes import lookalikes
from tdxverify.inquiries.probes import UNCHECKED, any_of, asking
from tdxverify.inquiries.reachability import Sight, Status, sights
from tdxverify.inquiries.surrounding import Surrounding
from tdxverify.inquiries.usage import Program, usage_findings
from tdxverify.logic.expr import Expr
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import SizeRange
from tdxverify.questions.narrowing import wrong_options
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check, no_check
from tdxverify.questions.size_plan import DEFAULT_SIZE, too_large
from tdxverify.questions.specs import Spec, load_all
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load


@dataclass(frozen=True, slots=True)
class LintOptions:
    """`sizes` replace what is looked at: 2 elements of each sort, or what a check states. With `properties`,
    `configs`, `parameters` or a `line`, only the machines of those checks are looked at, each with its
    `where`.

    `seconds` is for reading a file, for its names, for its steps, and for each check; `total` for all."""

    sizes: tuple[SizeRange, ...] = ()
    seconds: float = 30.0
    total: float | None = None
    properties: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    line: int | None = None
    configs: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether some checks only are looked at."""
        return bool(self.properties or self.configs or self.parameters or self.line is not None)

    @property
    def chosen(self) -> Options:
        """What is asked of every check."""
        return Options(self.properties, sizes=self.sizes, parameters=self.parameters, configs=self.configs)

    def checks(self, spec: Spec) -> tuple[Question, ...]:
        """The checks of `spec` that are looked at."""
        return tuple(q for q in every_check(spec, self.chosen) if self.line in (None, q.check.span.line))


@dataclass(frozen=True, slots=True)
class LintRun:
    """`mistakes` are files that are no specs; the others were still looked at. `interrupted`, by Ctrl-C, and
    `out_of_time`, for one thing or the whole run: there may be more findings."""

    findings: tuple[Diagnostic, ...]
    mistakes: tuple[Diagnostic, ...]
    interrupted: bool = False
    out_of_time: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        """1 where there is a finding, 2 where there is none as far as it came."""
        if self.mistakes:
            return ExitStatus.WRONG_INPUT
        if self.findings:
            return ExitStatus.NOT_EXPECTED
        return ExitStatus.UNDECIDED if self.interrupted or self.out_of_time else ExitStatus.AS_EXPECTED


def lint(paths: Sequence[Path], options: LintOptions, observer: RunObserver) -> LintRun:
    """Look at every spec in or below `paths`."""
    total = Budget.of(options.total)
    loaded = load_all(paths, total, options.seconds)
    programs = [Program(load(spec.path), spec.model) for spec in loaded.specs]
    mistakes = list(loaded.diagnostics)
    if options.narrowed:
        mistakes += wrong_options(loaded.specs, options.chosen)
    if options.narrowed and not mistakes and not any(options.checks(spec) for spec in loaded.specs):
        mistakes.append(no_check(paths, loaded.specs, options.chosen, options.line))
    sound = []
    for program in programs:
        large = too_large(program.model, _anything(program, options).sizing, None)
        if large is None:
            sound.append(program)
        else:
            mistakes.append(large)
    run = _Linting(sound, options, total, observer)
    findings = tuple(run.findings())
    return LintRun(findings, tuple(dict.fromkeys(mistakes)), run.interrupted, run.out_of_time)


def _anything(program: Program, options: LintOptions, stated: Sequence[SizeRange] = ()) -> Question:
    """A question about all that can happen, at two elements of every sort that neither the options give nor
    `stated`, of which it has the largest sizes."""
    spec = Spec(Path(program.root.span.source.path), program.model)
    two = tuple(SizeRange(sort.name, DEFAULT_SIZE, DEFAULT_SIZE) for sort in program.model.index_sorts)
    largest = tuple(SizeRange(size.sort, size.high, size.high) for size in stated)
    chosen = Options(sizes=(*two, *largest, *options.sizes), parameters=options.parameters)
    return Question(spec, UNCHECKED, chosen)


class _Linting:
    def __init__(
        self, programs: Sequence[Program], options: LintOptions, total: Budget, observer: RunObserver
    ) -> None:
        self._programs = programs
        self._options = options
        self._total = total
        self._observer = observer
        self._files = {program.root.span.source.path for program in programs}
        self.interrupted = False
        self.out_of_time = False
        self._best: dict[tuple[Code, str, int, str], tuple[Target, Sight, str]] = {}

    def findings(self) -> list[Diagnostic]:
        """Each finding once, in the order of files and lines."""
        found: dict[Diagnostic, None] = {}
        try:
            self._find(found)
        except KeyboardInterrupt:
            self.interrupted = True
        return sorted(found, key=lambda d: (d.span.source.path, d.span.start) if d.span else ("", 0))

    def _find(self, found: dict[Diagnostic, None]) -> None:
        """Put findings into `found`, as they come."""
        if not self._options.narrowed:
            self._find_in_files(found)
        for program in self._programs:
            for one in self._checks(program):
                found[one] = None

    def _find_in_files(self, found: dict[Diagnostic, None]) -> None:
        for program in self._programs:
            with self._in_time():
                found.update(dict.fromkeys(usage_findings(program)))
                found.update(dict.fromkeys(lookalikes(program.root.span.source)))
                for one in configuration_findings(_anything(program, self._options), self._budget()):
                    found[one] = None
        for position, program in enumerate(_importers_first(self._programs)):
            file = program.root.span.source.path
            self._observer.check_started(file, "every step", position + 1, len(self._programs))
            found.update(dict.fromkeys(self._look(program)))
        found.update(dict.fromkeys(self._about_targets()))

    # --- the system of a file ------------------------------------------------------

    def _look(self, program: Program, asked: Question | None = None) -> Iterator[Diagnostic]:
        """Look for what no file before has shown to happen; a file without steps shows nothing.

        `asked`: which machines; all of the file if None.
        """
        model, budget = program.model, self._budget()
        asked = asked or _anything(program, self._options)
        sizes = {size.sort: size.high for size in asked.sizing.ranges}
        try:
            with held(budget):
                budget.check_time()
                wanted = [
                    t for t in targets(model, self._faults(program), _assigning(program)) if self._is_open(t)
                ]
                if not wanted or not model.actions:
                    return
                seen = _seen(asked, sizes, wanted, budget, self._observer)
        except LimitReached:
            return
        where = sizes_text([sizes])
        if seen is None:
            yield _contradiction(program, where)
            return
        for target, sight in zip(wanted, seen, strict=True):
            known = self._best.get(target.key)
            if known is None or _tells_more(sight, known[1]):
                self._best[target.key] = target, sight, where

    def _about_targets(self) -> Iterator[Diagnostic]:
        """What is a part of something else that plays no part is not worth saying."""
        open_ones = [found for found in self._best.values() if found[1].status is not Status.SEEN]
        waiting = {
            target.subject: target
            for target, sight, _ in self._best.values()
            if target.code is Code.W116 and sight.status is Status.SEEN
        }
        surrounding = Surrounding([target for target, _, _ in open_ones])
        for target, sight, where in open_ones:
            if target.code is Code.W101 and sight.status is Status.NEVER and target.subject in waiting:
                target = waiting[target.subject]
            elif target.code is Code.W116:
                continue
            said = finding(target, sight, where)
            if said is not None and not surrounding.covers(target):
                yield said

    def _is_open(self, target: Target) -> bool:
        if target.span.source.path not in self._files:
            return False
        known = self._best.get(target.key)
        return known is None or known[1].status is not Status.SEEN

    def _faults(self, program: Program) -> dict[str, Span]:
        """Faults that a step ought to raise: those of a file with checks, and those that a table used by a
        step can raise."""
        used = {decision.access for action in program.model.actions for decision in action.decisions}
        rows = [row for table in program.model.tables if table.name in used for row in table.rows]
        raised = {row.fault for row in rows}
        return {
            declaration.name.text: declaration.name.span
            for module in program.modules
            for declaration in module.declarations
            if isinstance(declaration, ast.FaultDecl)
            and (declaration.name.text in raised or (module is program.root and program.has_checks))
        }

    # --- the machine of one check ------------------------------------------------------

    def _machine_of(self, program: Program, asked: Question) -> Iterator[Diagnostic]:
        """What never happens in the machines that `asked` is about, in the files that were asked about."""
        check = replace(UNCHECKED, where=asked.check.where, obligations=asked.check.obligations)
        question = replace(_anything(program, self._options, asked.check.sizes), check=check)
        self._best.clear()
        for _ in self._look(program, question):
            return  # that there is no initial state is said of the check
        note = Note("in the machines of this check", asked.check.span)
        for one in self._about_targets():
            yield replace(one, notes=(*one.notes, note))

    def _budget(self) -> Budget:
        return self._total.within(self._options.seconds)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """What there is no time for is left out, and `out_of_time` says so."""
        budget = self._budget()
        with suppress(LimitReached), held(budget):
            yield
        self.out_of_time |= budget.expired()

    # --- the checks of a file --------------------------------------------------------

    def _checks(self, program: Program) -> Iterator[Diagnostic]:
        analysis = CheckAnalysis(self._budget, self._observer)
        file = program.root.span.source.path
        spec = Spec(Path(file), program.model)
        questions = self._options.checks(spec)
        for position, asked in enumerate(questions):
            if self._total.expired():
                self.out_of_time = True
                return
            self._observer.check_started(file, asked.check.property, position + 1, len(questions))
            found: list[Diagnostic] = []
            with self._in_time():
                found.extend(analysis.findings(asked))
            if self._options.narrowed:
                found.extend(self._machine_of(program, asked))
            yield from found


def _assigning(program: Program) -> frozenset[Span]:
    """The places of steps in whose own text something is assigned, not only in rows of accesses."""
    actions = ((one.name.span, one.body) for one in ast.nodes(_declared(program), ast.ActionDecl))
    steps = ((one.label.span, one.body) for one in ast.nodes(_declared(program), ast.Step))
    return frozenset(span for span, body in (*actions, *steps) if any(ast.nodes(body, ast.Assign)))


def _declared(program: Program) -> tuple[ast.Declaration, ...]:
    return tuple(one for module in program.modules for one in module.declarations)


def _seen(
    asked: Question, sizes: Sizes, wanted: Sequence[Target], budget: Budget, observer: RunObserver
) -> tuple[Sight, ...] | None:
    """What is found out about each of `wanted`; None: there is no initial state."""
    begins = [one.at_start for one in wanted if one.at_start is not None]
    formulas = list(dict.fromkeys(target.formula for target in wanted))
    problem = asking(asked, sizes, any_of([*formulas, *begins]))
    seen = sights(problem, formulas, budget, observer)
    if seen is None:
        return None
    found = dict(zip(formulas, seen, strict=True))
    left = [
        one.at_start
        for one in wanted
        if one.at_start is not None and found[one.formula].status is not Status.SEEN
    ]
    first = sights(replace(problem, actions=()), left, budget, observer) if left else ()
    begun: dict[Expr | None, Sight] = dict(zip(left, first or (), strict=False))
    return tuple(_most(found[one.formula], begun.get(one.at_start)) for one in wanted)


def _most(sight: Sight, at_start: Sight | None) -> Sight:
    """What is known of that which either happens by a step or at the start, where it may happen there."""
    if at_start is None or at_start.status is Status.NEVER or sight.status is Status.SEEN:
        return sight
    return Sight(at_start.status)


def _importers_first(programs: Sequence[Program]) -> list[Program]:
    """Files that no other one imports come first: they show most."""
    imported = {
        module.span.source.path
        for program in programs
        for module in program.modules
        if module is not program.root
    }
    return sorted(programs, key=lambda program: program.root.span.source.path in imported)


def _tells_more(new: Sight, old: Sight) -> bool:
    """Seen beats everything; and what one file leaves open, another cannot rule out."""
    order = (Status.NEVER, Status.UNSEEN, Status.SEEN)
    return order.index(new.status) > order.index(old.status)


def _contradiction(program: Program, where: str) -> Diagnostic:
    """No initial state: said of the last constraint, in the root file if it has one."""
    constraints = [
        declaration
        for module in program.modules
        for declaration in module.declarations
        if isinstance(declaration, ast.AssumeDecl | ast.InitDecl)
    ]
    message = f"there is no initial state {where}".rstrip() + ": what is assumed contradicts itself"
    notes = tuple(Note("assumed here", one.span) for one in constraints[:-1])
    span = constraints[-1].span if constraints else program.root.span
    return Diagnostic(Code.W109, message, span, notes, "every property holds of such a system")
