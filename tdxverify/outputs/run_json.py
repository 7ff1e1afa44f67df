"""A run as one JSON document for programs. `run.schema.json` beside this file describes it.

`SCHEMA` grows by one whenever a field is removed or changes its meaning; new fields may come without.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from tdxverify import __version__
from tdxverify.answers.answer import Answer, Shortest, Standing, Trivial, UnknownUse
from tdxverify.answers.run import Run
from tdxverify.characters import visible_json
from tdxverify.diagnostics import Diagnostic
from tdxverify.outputs.cases_json import CaseDocument, case_documents
from tdxverify.outputs.ends_json import LoopDocument, TrapDocument, end_documents
from tdxverify.outputs.second_run_json import SecondRunDocument
from tdxverify.outputs.text.problems import in_order
from tdxverify.outputs.unexpected_json import LocationDocument, UnexpectedDocument, location, unexpected
from tdxverify.source import Span
from tdxverify.telling.story import Refined, Reliance, Story, StoryStep, Violation

SCHEMA = 1


class ToolDocument(msgspec.Struct, frozen=True):
    """Who wrote the document."""

    name: str
    version: str


class RefinementDocument(msgspec.Struct, frozen=True):
    """What a file that imports a declaration has changed in it: 'only when not busy', 'in place of false'."""

    change: str
    at: LocationDocument | None
    description: str | None
    citations: tuple[str, ...]


class RowDocument(msgspec.Struct, frozen=True):
    """The row of an access table that decided; `row` counts from 1. `given`: values of parameters that
    decided it, where the trace is one whatever they are. `refined`: in the place of which other it stands."""

    access: str
    row: int
    guard: str
    outcome: str
    citations: tuple[str, ...]
    at: LocationDocument | None = None
    given: dict[str, str] | UnsetType = UNSET
    refined: tuple[RefinementDocument, ...] | UnsetType = UNSET


class FaultDocument(msgspec.Struct, frozen=True):
    """A fault that the step raised, and who took it."""

    actor: str
    fault: str
    handled: bool


class ChangeDocument(msgspec.Struct, frozen=True):
    """A cell that the step changed."""

    cell: str
    before: str
    after: str


class StepDocument(msgspec.Struct, frozen=True):
    """One step of a trace; `step` counts from 1. `kept`: cells that it assigned the value that they
    happened to have since the start, and that something later needs. `choices`: `ptr := Obj1` where `any`
    was assigned, and `2nd branch: failed := true` of an `either`. `refined`: what files that import the step
    have changed in it."""

    step: int
    action: str
    actor: str | None
    parameters: dict[str, str]
    description: str | None
    citations: tuple[str, ...]
    rows: tuple[RowDocument, ...]
    faults: tuple[FaultDocument, ...]
    changes: tuple[ChangeDocument, ...]
    at: LocationDocument | None = None
    kept: dict[str, str] | UnsetType = UNSET
    choices: tuple[str, ...] = ()
    refined: tuple[RefinementDocument, ...] | UnsetType = UNSET


class ViolationDocument(msgspec.Struct, frozen=True):
    """Why the last state of the trace is bad: the conjunct that is false there, and for which elements.

    Of `never deadlock`, which has no formula, `conjunct` is what is true there: that no action is enabled.
    """

    formula: str
    conjunct: str
    elements: dict[str, str]


class UnknownDocument(msgspec.Struct, frozen=True):
    """A parameter that stands for something unknown and bears on the answer.

    `assumed`: the check is about `values` only, not about `others`, and the answer is the same for each.
    `any value`: it is about all `values`, and the answer is the same for each. `found with`: the trace has
    the one in `values`, the same steps are a trace with those in `also`, and of `others`, which the check is
    about too, nothing is said.
    """

    unknowns: tuple[str, ...]
    parameter: str
    bearing: Literal["assumed", "any value", "found with"]
    values: tuple[str, ...]
    others: tuple[str, ...]
    also: tuple[str, ...]


class RelianceDocument(msgspec.Struct, frozen=True):
    """What the trace relies on. With the values in `needed`, of parameters and constants, and in `initial`,
    of cells at the start, the same steps are a run that ends as it does, for all values of all else that the
    assumptions, the check's `where` and `init` allow. With all such parameters, where there is an initial
    state, there is one with these values. Without any of them that is not so, except those that `not_known`
    names. With the values in `by_where` as well, to which `where` leaves no other, and as long as
    `by_where_parts` hold, which are parts of `where`, it is so whatever else `where` says. `certain`: this
    was checked once more; where it was not, it is not known whether the others matter.
    """

    needed: dict[str, str]
    by_where: dict[str, str]
    by_where_parts: tuple[str, ...]
    initial: dict[str, str]
    not_known: tuple[str, ...]
    certain: bool


class PartlyCheckedDocument(msgspec.Struct, frozen=True):
    """That one row of `access` answers every state is known for up to so many elements of each sort only."""

    access: str
    sizes: dict[str, int]


class ShortestDocument(msgspec.Struct, frozen=True):
    """For which `sizes` no trace is shorter: `2`, `1..3` or `any` elements of each sort. `all`: those are all
    that the check asks about; else other sizes may need fewer steps, and `ended` says why sizes that could
    have been searched were not. `unsure`: why it is not known that no loop begins sooner, or is shorter."""

    sizes: dict[str, str]
    all: bool
    ended: str
    unsure: str | UnsetType = UNSET


class CheckDocument(msgspec.Struct, frozen=True):
    """One check. `initial`, `trace` and `violation` are null where there is no trace to tell, `shortest`
    where none was searched for. Of an answer that is kept they tell the stored trace, `invariant` the stored
    formulas, in words where they are about steps or values that fit; `engine`, `shortest` and `trivial` are
    null there. Where no time was left to tell what a stored answer rests on, all these are missing though it
    holds.

    `file` and `line` are those of the check, `property_at` of the property, `decided_at` of the rule that
    decided in the last step of the trace: the row that raised a fault, else the last row, else the action.

    `standing`, `evidence` and `second` are those of an answer that is kept, by `prove` or `recheck`: what
    became of the stored one, what it rests on in a few words, and the second solver that has accepted it.

    `trivial`: whether the proof holds because of what never happens, for which `reason` says why; null where
    that is not known, or was not asked. `strict`: such a proof is as expected only where one is expected;
    `hint` says what to write then, if it is what is meant.
    `config`: the configuration that the check names; `where` is with what that asks for. `refined_values`:
    of variables and constants; `refinements`: all in the model, whether a trace shows them or not.
    """

    file: str
    line: int
    property: str
    kind: str | None
    description: str | None
    where: str
    sizes: dict[str, str]
    any_size: bool
    expected: str
    expected_length: int | None
    verdict: Literal["proved", "refuted", "unknown", "vacuous"]
    as_expected: bool
    length: int | None
    parameters: dict[str, str]
    engine: str | None
    reason: str | None
    clean_through: int | None
    seconds: float
    states: int | None
    initial: dict[str, str] | None
    trace: tuple[StepDocument, ...] | None
    violation: ViolationDocument | None
    about: str | None = None
    invariant: tuple[str, ...] = ()
    property_at: LocationDocument | None = None
    decided_at: LocationDocument | None = None
    unknowns: tuple[UnknownDocument, ...] = ()
    partly_checked: tuple[PartlyCheckedDocument, ...] = ()
    shortest: ShortestDocument | None = None
    unexpected: UnexpectedDocument | None = None
    trivial: bool | None = None
    standing: Standing | UnsetType = UNSET
    evidence: str | UnsetType = UNSET
    second: str | UnsetType | None = UNSET
    relies_on: RelianceDocument | None = None
    loop: LoopDocument | UnsetType = UNSET
    second_run: SecondRunDocument | UnsetType = UNSET
    assuming: str | UnsetType = UNSET
    trap: TrapDocument | UnsetType = UNSET
    config: str | UnsetType = UNSET
    strict: bool = False
    hint: str | None = None
    refined_values: dict[str, tuple[RefinementDocument, ...]] | UnsetType = UNSET
    refinements: tuple[RefinementDocument, ...] | UnsetType = UNSET


class NoteDocument(msgspec.Struct, frozen=True):
    """A further remark of a diagnostic."""

    message: str
    file: str | None
    line: int | None
    column: int | None


class DiagnosticDocument(msgspec.Struct, frozen=True):
    """A mistake in a specification, in another file, or on the command line; lines and columns count from 1,
    and are null where it is about the whole file."""

    code: str
    title: str
    message: str
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    notes: tuple[NoteDocument, ...]
    hint: str | None


class RunDocument(msgspec.Struct, frozen=True):
    """Everything one run found. `written`: proof files that were changed. `cases`: of several, what mends."""

    schema: int
    tool: ToolDocument
    checks: tuple[CheckDocument, ...]
    diagnostics: tuple[DiagnosticDocument, ...]
    interrupted: bool
    exit_status: Literal[0, 1, 2, 3, 4]
    written: tuple[str, ...] | UnsetType = UNSET
    cases: tuple[CaseDocument, ...] | UnsetType = UNSET


def json_text(run: Run) -> str:
    """The document of `run`."""
    return document_text(document(run))


def document_text(whole: RunDocument) -> str:
    """The document, indented, ended by a newline."""
    return visible_json(json.dumps(msgspec.to_builtins(whole), indent=2, ensure_ascii=False)) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(RunDocument)


def document(run: Run) -> RunDocument:
    """Everything that `run` found, as it is written."""
    return RunDocument(
        schema=SCHEMA,
        tool=ToolDocument("tdxverify", __version__),
        checks=tuple(_check(check) for check in run.answers),
        diagnostics=tuple(_diagnostic(diagnostic) for diagnostic in in_order(run.diagnostics)),
        interrupted=run.interrupted,
        exit_status=run.exit_status.value,
        written=UNSET if run.written is None else tuple(map(str, run.written)),
        cases=case_documents(run.answers),
    )


def _check(check: Answer) -> CheckDocument:
    story = check.told.story
    return CheckDocument(
        file=check.asked.file,
        line=check.asked.line,
        property=check.asked.property,
        kind=None if check.asked.kind is None else check.asked.kind.value,
        description=check.asked.description,
        where=check.asked.where,
        sizes=dict(check.sizes),
        any_size=check.asked.any_size,
        expected=check.asked.expected,
        expected_length=check.asked.expected_length,
        verdict=check.outcome.value,
        as_expected=check.as_expected,
        length=check.length,
        parameters=dict(check.told.parameters),
        engine=check.engine,
        reason=check.reason if check.elsewhere is None else f"{check.reason}. {check.elsewhere}",
        clean_through=check.clean_through,
        seconds=round(check.seconds, 3),
        states=check.states,
        initial=None if story is None else {cell.text: value for cell, value in story.initial},
        trace=None if story is None else _steps(story),
        violation=None if story is None else _violation(story.violation),
        about=check.asked.about,
        invariant=check.told.invariant,
        property_at=location(check.asked.property_at),
        decided_at=None if story is None else location(story.decided_at()),
        unknowns=tuple(map(_unknown, check.told.unknowns)),
        partly_checked=tuple(
            PartlyCheckedDocument(one.access, dict(one.sizes)) for one in check.told.partly_checked
        ),
        shortest=_shortest(check.shortest),
        unexpected=unexpected(check.told.unexpected),
        trivial=None if check.trivial in (None, Trivial.OPEN) else check.trivial is Trivial.YES,
        standing=UNSET if check.kept is None else check.kept.standing,
        evidence=UNSET if check.kept is None else check.kept.evidence,
        second=UNSET if check.kept is None else check.kept.second,
        relies_on=None if story is None or story.reliance is None else _reliance(story.reliance),
        **end_documents(story),
        assuming=check.asked.assuming or UNSET,
        config=UNSET if check.asked.config is None else check.asked.config.name,
        strict=check.strict,
        hint=check.advice,
        refined_values=UNSET if story is None else _refined_values(story),
        refinements=_refined(check.asked.refined),
    )


def _unknown(one: UnknownUse) -> UnknownDocument:
    return UnknownDocument(one.identifiers, one.name, one.bearing.value, one.values, one.others, one.also)


def _refined_values(story: Story) -> dict[str, tuple[RefinementDocument, ...]] | UnsetType:
    found: dict[str, list[Refined]] = {}
    for name, one in story.refined_values:
        found.setdefault(name, []).append(one)
    return {name: _refinements(those) for name, those in found.items()} or UNSET


def _reliance(found: Reliance) -> RelianceDocument:
    return RelianceDocument(
        needed=dict((*found.needed, *found.perhaps)),
        by_where=dict(found.asked),
        by_where_parts=found.relations,
        initial={cell.text: value for cell, value in found.initial},
        not_known=found.not_known(),
        certain=found.is_certain,
    )


def _shortest(known: Shortest | None) -> ShortestDocument | None:
    if known is None:
        return None
    return ShortestDocument(dict(known.sizes), known.is_all, known.ended, known.unsure or UNSET)


def _steps(story: Story) -> tuple[StepDocument, ...]:
    return tuple(_step(step) for step in story.steps)


def _step(step: StoryStep) -> StepDocument:
    return StepDocument(
        step=step.number,
        action=step.action,
        actor=step.actor,
        parameters=dict(step.parameters),
        description=step.description,
        citations=step.citations,
        rows=tuple(
            RowDocument(
                r.access,
                r.row,
                r.guard,
                r.outcome,
                r.citations,
                location(r.at),
                dict(r.given) or UNSET,
                _refined(r.refined),
            )
            for r in step.rows
        ),
        faults=tuple(FaultDocument(f.actor, f.fault, f.handled) for f in step.faults),
        changes=tuple(ChangeDocument(c.cell.text, c.before, c.after) for c in step.changes),
        at=location(step.at),
        kept={cell.text: value for cell, value in step.kept} or UNSET,
        choices=step.chosen.texts(),
        refined=_refined(step.refined),
    )


def _refined(refined: Iterable[Refined]) -> tuple[RefinementDocument, ...] | UnsetType:
    return _refinements(refined) or UNSET


def _refinements(refined: Iterable[Refined]) -> tuple[RefinementDocument, ...]:
    return tuple(RefinementDocument(r.change, location(r.at), r.description, r.citations) for r in refined)


def _violation(violation: Violation | None) -> ViolationDocument | None:
    if violation is None:
        return None
    return ViolationDocument(violation.formula, violation.conjunct, dict(violation.elements))


def _place(span: Span | None) -> tuple[str | None, int | None, int | None]:
    return (None, None, None) if span is None else (span.source.path, span.line, span.column)


def _diagnostic(diagnostic: Diagnostic) -> DiagnosticDocument:
    span = diagnostic.span
    _, line, column = _place(span)
    end_line, end_column = (None, None) if span is None else span.source.position(span.end)
    return DiagnosticDocument(
        code=diagnostic.code.name,
        title=diagnostic.code.value,
        message=diagnostic.message,
        file=diagnostic.path,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        notes=tuple(NoteDocument(note.message, *_place(note.span)) for note in diagnostic.notes),
        hint=diagnostic.hint,
    )
