"""What `tdxverify why` says of a proof: which parts of the model it needs, and what happens without them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tdxverify.answers.answer import Answer, Outcome, Told
from tdxverify.answers.deciding import undecided
from tdxverify.answers.partly import partly_checked
from tdxverify.answers.reconciling import outcome_of
from tdxverify.budget import STEPS_A_SECOND, Budget, NotDecided
from tdxverify.cli.progress import Progress
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.inquiries.elements import Element, Kind
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import FALSE, Expr
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, indent, line, wrap
from tdxverify.outputs.text.run_text import outcome_text, sizes_text
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question
from tdxverify.telling.invariants import told_invariant
from tdxverify.telling.lassos import without_begin, words_for_loops

if TYPE_CHECKING:
    from tdxverify.inquiries.core_search import Breach, Core
    from tdxverify.inquiries.proof_core import Answered

WORK = 30 * STEPS_A_SECOND  # of solvers, for finding out what is needed
MOST_STATES = 100_000  # of a model with some part weakened
_MARGIN = "        "
_LABELS = {
    Kind.WHERE: "where",
    Kind.OPTION: "option",
    Kind.ASSUMPTION: "assume",
    Kind.CONSTANT: "const",
    Kind.START: "start",
    Kind.STOP: "stops",
    Kind.GUARD: "when",
    Kind.CONDITION: "if",
    Kind.EFFECT: "does",
    Kind.ROW: "row",
    Kind.FAULT: "row",
    Kind.ROW_EFFECT: "row",
}
_COUNTED = {
    Kind.WHERE: ("condition of the check", "conditions of the check"),
    Kind.OPTION: ("option", "options"),
    Kind.ASSUMPTION: ("assumption", "assumptions"),
    Kind.CONSTANT: ("constant", "constants"),
    Kind.START: ("initial value", "initial values"),
    Kind.STOP: ("condition that stops steps", "conditions that stop steps"),
    Kind.GUARD: ("guard", "guards"),
    Kind.CONDITION: ("condition of a step", "conditions of steps"),
    Kind.EFFECT: ("effect", "effects"),
    Kind.ROW: ("condition of a row", "conditions of rows"),
    Kind.FAULT: ("fault", "faults"),
    Kind.ROW_EFFECT: ("effect of a row", "effects of rows"),
}
_GIVEN = (
    "Always taken as given: the order of the steps of a process, the elements a foreach visits, which rows "
    "never fault, who dies of a fault, and that nothing changes but what is assigned."
)
_GIVEN_OF_RUNS = _GIVEN.replace(
    "and that nothing changes but what is assigned",
    "that nothing changes but what is assigned, and that what is fair is possible where it is in the model",
)


@dataclass(frozen=True, slots=True)
class FoundProof:
    """`answered`: certified verdicts that no bad state is reached, for all sizes that `asked` is about."""

    asked: Question
    answered: tuple[Answered, ...]


def as_answer(asked: Question, answered: Sequence[Answered]) -> Answer:
    """The check with the outcome that certified verdicts, none of them a trace, show."""
    outcome = outcome_of(asked, [verdict for _, verdict in answered])
    doubts = partly_checked(
        asked.spec.model, [problem for problem, _ in answered], any_size=asked.sizing.any_size
    )
    reason = "there is no initial state" if outcome is Outcome.VACUOUS else None
    found = replace(undecided(asked, ""), outcome=outcome, reason=reason, is_given=True)
    return replace(found, told=Told(partly_checked=doubts))


def found_proof(asked: Question, answered: Sequence[Answered]) -> FoundProof | None:
    """None where `answered` is not a proof, or one about nothing."""
    proved = any(isinstance(verdict, Proved) for _, verdict in answered)
    if not proved or not all(isinstance(verdict, Proved | Vacuous) for _, verdict in answered):
        return None
    return FoundProof(asked, tuple(answered))


def explain_proof(proof: FoundProof, columns: int, *, everything: bool) -> tuple[list[Line], bool]:
    """The lines, and whether there was something to say."""
    from tdxverify.inquiries.proof_core import proof_needs

    asked, found = proof.asked, as_answer(proof.asked, proof.answered)
    if kind_of(asked.property).comparison(asked.property) is not None:
        return [*_head(found, columns), EMPTY, *_of_pairs(proof, columns)], True
    budget = replace(Budget.of(asked.options.timeout).working(WORK), max_states=MOST_STATES)
    head = _head(found, columns)
    try:
        with Progress(sys.stderr) as progress:
            progress.check_started(found.asked.file, f"{found.asked.property}, what the proof needs", 1, 1)
            core = proof_needs(asked, proof.answered, budget, progress)
    except NotDecided as reason:
        told = f"What the proof needs could not be found out: {reason}."
        return [*head, EMPTY, *wrap(line(told, Style.DOUBT), columns)], False
    sought = kind_of(asked.property).is_sought
    fair = _fair_lines(asked, budget, columns)
    lines = _core(core, columns, everything=everything, sought=sought, fair=fair)
    return [*head, EMPTY, *lines, EMPTY, *_held(asked, core, columns, sought=sought)], True


def _fair_lines(asked: Question, budget: Budget, columns: int) -> list[Line] | None:
    """What becomes of a promise without each condition of fairness; None where nothing is promised."""
    from tdxverify.answers.lassos import promise_of
    from tdxverify.inquiries.fair_needs import fair_needs

    if promise_of(asked) is None:
        return None
    lines: list[Line] = []
    for one in fair_needs(asked, budget):
        fair = f"{one.fair.name}{', strongly' if one.fair.strong else ''}"
        told = "without it: not found out" if one.holds is None else f"without it: {one.run}"
        told = f"the property holds without it {one.at}".rstrip() if one.holds else told
        lines += [EMPTY, *_labelled("fair", [Piece(fair, Style.STRONG)], columns)]
        lines += indent(wrap(line(told), columns - 8, hanging=4), _MARGIN)
    return lines


def stored_answer(asked: Question) -> list[Answered] | None:
    """The verdicts of a stored proof of exactly this question, certified once more; None if there is none."""
    from tdxverify.answers.stored.file import proof_path, read
    from tdxverify.answers.stored.judging import Judge, Judged, key_of
    from tdxverify.diagnostics import SpecError
    from tdxverify.evidence.verdict import verdict_of

    if asked.options.sizes or asked.options.parameters:
        return None
    try:
        stored = read(proof_path(asked.spec.path), asked.spec.path)
    except SpecError:
        return None
    entry = None if stored is None else stored.entry(key_of(asked))
    judged = None if entry is None else Judge().judge(asked, entry, current=True)
    if not isinstance(judged, Judged):
        return None
    found = [(one.problem, verdict_of(one.evidence)) for one in judged.accepted]
    return None if any(isinstance(verdict, Refuted) for _, verdict in found) else list(found)


# --- the text ------------------------------------------------------------------------


def _head(found: Answer, columns: int) -> list[Line]:
    sizes = sizes_text(found)
    outcome = outcome_text(found) + (f" for {sizes}" if sizes else "")
    named = "" if found.asked.config is None else f", in {found.asked.config.name}"
    named += f", {found.asked.assuming}" if found.asked.assuming else ""
    title = f"{found.asked.property}: {outcome}  ({found.asked.file}:{found.asked.line}{named})"
    lines = wrap(line(title, Style.STRONG), columns, hanging=4)
    for saying in (found.asked.about, found.asked.description):
        if saying is not None:
            lines += indent(wrap(line(f'"{saying}"'), columns - 8, hanging=1), _MARGIN)
    for one in found.told.partly_checked:
        lines += indent(wrap(line(str(one), Style.DOUBT), columns - 8, hanging=2), _MARGIN)
    return lines


def _core(core: Core, columns: int, *, everything: bool, sought: bool, fair: list[Line] | None) -> list[Line]:
    """`fair`: what is said of fairness, where something is promised."""
    lines = wrap(line(_claim(core, sought=sought), Style.GOOD if not core.open else Style.DOUBT), columns)
    for element in _in_order(core.needed):
        lines += [EMPTY, *_needed(element, core, columns, sought=sought)]
    lines += fair or []
    rest = _rest(core, everything=everything, promised=fair is not None)
    lines += [EMPTY, *wrap(line(rest), columns)]
    if everything:
        for element in _in_order(core.others):
            told = f"{_text(element)}  ({_place(element)})"
            lines += _labelled(_LABELS[element.kind], [Piece(told, Style.FAINT)], columns)
    given = _GIVEN if fair is None else _GIVEN_OF_RUNS
    return [*lines, EMPTY, *wrap(line(given, Style.FAINT), columns)]


def _held(asked: Question, core: Core, columns: int, *, sought: bool) -> Iterator[Line]:
    """What always holds; where that is not the same at all sizes, of which sizes it is said."""
    sizes: dict[tuple[str, ...], list[str]] = {}
    for case in core.cases:
        said = tuple(_always(asked, case.invariant.formulas, sought=sought))
        sizes.setdefault(said, []).append(stated_sizes(case.relaxed.problem.sizes))
    for number, ((head, *listed), some) in enumerate(sizes.items()):
        if number:
            yield EMPTY
        at = f" (for {'; '.join(some)})" if len(sizes) > 1 else ""
        yield from wrap(line(f"{head}{at}{':' if listed else '.'}"), columns)
        for text in listed:
            yield from indent(wrap(line(text), columns - 8, hanging=4), _MARGIN)
    meant = words_for_loops([text for said in sizes for text in said])
    if meant is not None:
        yield EMPTY
        yield from wrap(line(meant, Style.FAINT), columns)


def _always(asked: Question, formulas: Sequence[Expr], *, sought: bool) -> Iterator[str]:
    """A heading, and what stands below it."""
    if FALSE in formulas:
        yield "There is no initial state"
    elif formulas:
        yield "Holds in every reachable state, by what is needed alone"
        yield from told_invariant(asked.spec.model, asked.check, formulas)
    else:
        yield f"By what is needed alone no state is {'such a state' if sought else 'bad'}, reachable or not"


def _of_pairs(proof: FoundProof, columns: int) -> Iterator[Line]:
    """What always holds of two runs that are compared. What of the model that needs is not looked for."""
    formulas: dict[str, Expr] = {}
    for _, verdict in proof.answered:
        if isinstance(verdict, Proved):
            formulas |= told_invariant(proof.asked.spec.model, proof.asked.check, verdict.evidence.formulas)
    if not formulas:
        told = "The evidence lists no formula about two runs."
        yield from wrap(line(told), columns)
        return
    yield from wrap(line("Holds of every two states that the runs come to together:"), columns)
    for text in formulas:
        yield from indent(wrap(line(text), columns - 8, hanging=4), _MARGIN)


def _claim(core: Core, *, sought: bool) -> str:
    count = len(core.needed)
    if count == 0:
        return "The proof needs none of what could be otherwise: it holds by the shape of the model alone."
    parts = "this one part" if count == 1 else f"these {count} parts"
    if not core.open:
        breaks = "gets there" if sought else "breaks the property"
        if any(breach.out_of_range for breach in core.broken.values()):
            breaks += " or ends in a mistake"
        which = "it" if count == 1 else "any one of them"
        if all(breach.alone for breach in core.broken.values()):
            return (
                f"Every proof needs {parts} of the model: without {which}, all else as in the model, the run "
                f"named with it {breaks}."
            )
        return (
            f"The proof needs {parts} of the model. Without {which}, the run named with it {breaks}: "
            "all else as in the model or, where it says so, with what the proof does not need left out as "
            "well. (Another proof may need other parts.)"
        )
    unsure = "one of them" if len(core.open) == 1 else f"{len(core.open)} of them"
    return (
        f"The proof holds with {parts} of the model alone. For {unsure}, with a question mark, it was not "
        "found out whether a proof could do without: this is enough, but perhaps not the least."
    )


def _needed(element: Element, core: Core, columns: int, *, sought: bool) -> list[Line]:
    breach = core.broken.get(element.switch)
    mark = "" if breach is not None else "? "
    cited = f" [{', '.join(dict.fromkeys(element.citations))}]" if element.citations else ""
    lines = _labelled(_LABELS[element.kind], [Piece(mark + _text(element), Style.STRONG)], columns)
    told = [] if element.span is None else [line(_place(element) + cited, Style.GUIDE)]
    if element.refined is not None:
        told.append(line(f"refined here: {element.refined}"))
    if element.description is not None:
        told.append(line(f'"{element.description}"'))
    if breach is not None:
        told.append(line(_without(breach, sought=sought)))
    if element.switch in core.spare:
        holds = "it is still never reached" if sought else "the property still holds"
        told.append(line(f"without it alone {holds}"))
    elif breach is not None and not breach.alone:
        told.append(line("without it alone: not found out", Style.DOUBT))
    for one in told:
        lines += indent(wrap(one, columns - 8, hanging=4), _MARGIN)
    return lines


def _without(breach: Breach, *, sought: bool) -> str:
    without = "without it" if breach.alone else "without it and what is not needed"
    if not breach.run:
        return f"{without}: the start itself may be {'such a state' if sought else 'bad'}"
    steps, goes_on = without_begin(breach.run)
    run = f"{', '.join(steps)}{goes_on}" if steps else f"{goes_on.removeprefix(', then ')} at the start"
    return f"{without}: {run}" + (" (a value does not fit)" if breach.out_of_range else "")


def _text(element: Element) -> str:
    """`action donate: when phase = running`; `host_read, row 1: only where poison[l]`."""
    match element.kind:
        case Kind.GUARD:
            text = f"when {element.text}"
        case Kind.ROW:
            text = element.text if element.text == "otherwise" else f"only where {element.text}"
        case _:
            text = element.text
    return f"{element.owner}: {text}" if element.owner else text


def _place(element: Element) -> str:
    span = element.span
    return "command line" if span is None else f"{span.source.path}:{span.line}"


def _rest(core: Core, *, everything: bool, promised: bool) -> str:
    if not core.others:
        return "There is no other part."
    counts = Counter(element.kind for element in core.others)
    listed = ", ".join(_counted(kind, counts[kind]) for kind in Kind if counts[kind])
    parts = counted(len(core.others), "other part")
    ending = ":" if everything else ". --all lists them."
    if promised:
        return f"It holds without the {parts} of the model ({listed}) as well{ending}"
    return f"It does not need the {parts} of the model ({listed}): they could be anything{ending}"


def _counted(kind: Kind, count: int) -> str:
    return counted(count, *_COUNTED[kind])


def _in_order(elements: Iterable[Element]) -> Iterator[Element]:
    """By kind as far as they stand by themselves; then as in the text, file by file."""
    kinds = list(Kind)
    apart = (Kind.WHERE, Kind.OPTION, Kind.ASSUMPTION, Kind.CONSTANT, Kind.START, Kind.STOP)

    def key(element: Element) -> tuple[int, str, int]:
        path, start = ("", 0) if element.span is None else (element.span.source.path, element.span.start)
        return kinds.index(element.kind) if element.kind in apart else len(kinds), path, start

    return iter(sorted(elements, key=key))


def _labelled(label: str, pieces: Sequence[Piece], columns: int) -> list[Line]:
    body = wrap(tuple(pieces), columns - 8, hanging=4)
    first: Line = (Piece(f" {label}".ljust(8), Style.STRONG), *body[0])
    return [first, *indent(body[1:], _MARGIN)]
