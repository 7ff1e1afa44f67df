"""One proof as HTML: what holds in every reachable state, what is taken for granted, and who accepted it."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.answer import Answer
from tdxverify.answers.stored.overview import StoredProofs, place_of
from tdxverify.logic.sizes_in_words import told_sizes
from tdxverify.outputs.html.facts import assumed
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.html.story import explained_markup, names_told
from tdxverify.telling.lassos import words_for_loops
from tdxverify.telling.proof_story import ProofStory, Said

_SPEC_IS_RIGHT = "That machine and software do what the actions and access tables of the spec say."


def proof_markup(check: Answer, proof: ProofStory, stored: str | None, common: str) -> Content:
    """`check` was decided by `proof`; `stored`: the proof file that has the same answer.

    `common` is where the page has what `common_markup` makes for all of a file.
    """
    return [
        _section("How", element("p", f"By {proof.method}.")),
        _section("What holds in every reachable state", _formulas(proof)),
        _section("What is taken for granted", _assumptions(check, proof, common)),
        _section("Who checked it", _accepted(proof, stored)),
    ]


def brief_markup(check: Answer, proof: ProofStory, accepted: str | None, common: str) -> Content:
    """The same, without what `common_markup` says: the names and, at `accepted`, who checked it."""
    who = element("a", "who checked it", href=f"#{accepted}") if accepted is not None else None
    granted = element("a", "what is taken for granted", href=f"#{common}")
    sizes = None if check.asked.any_size else _sizes(check)
    return [
        element("p", f"By {proof.method} (", [who, ", "] if who else None, granted, ")."),
        _list(proof.formulas),
        element("p", "Asked for these numbers of elements: ", sizes, ".") if sizes else None,
        element("p", f"Asked for: {proof.where.words}") if proof.where is not None else None,
        element("p", "Assumed: ", assumed(check), ".") if check.asked.assuming else None,
    ]


class Acceptances:
    """Who accepted the proofs of a file: the same answer is told once, in what all of its evidence shares."""

    def __init__(self, checks: Sequence[Answer], stored: StoredProofs, identity: str) -> None:
        self._stored = stored
        self._told: dict[str, str] = {}
        self._identity = identity
        for check in checks:
            if check.told.proof is not None and check.told.story is None:
                self._told.setdefault(
                    self._answer(check, check.told.proof).text, f"{identity}-{len(self._told)}"
                )

    def place(self, check: Answer, proof: ProofStory) -> str | None:
        """Where on the page it stands."""
        return self._told.get(self._answer(check, proof).text)

    def markup(self) -> Content:
        return [element("div", Markup(text), id=place) for text, place in self._told.items()] or None

    def _answer(self, check: Answer, proof: ProofStory) -> Markup:
        return _accepted(proof, self._stored.get(place_of(check)))


def common_markup(
    checks: Sequence[Answer], identity: str, *, unfold: bool, acceptances: Acceptances | None = None
) -> Markup | None:
    """What the evidence of a file has in common: what names mean, and what the spec assumes."""
    proofs = [check.told.proof for check in checks if check.told.proof is not None]
    assumed = list(dict.fromkeys(said for proof in proofs for said in proof.assumptions))
    names = {one: None for proof in proofs for one in proof.explained}
    for story in (check.told.story for check in checks if check.told.story is not None):
        told = names_told(story)
        names |= {one: None for one in story.explained if one.name in told}
    if not (names or proofs):
        return None
    body = [
        _section("What the names mean", explained_markup(names) if names else None),
        _section("What the spec assumes", _list(assumed)),
        _section("What every answer rests on", element("p", _SPEC_IS_RIGHT)),
        None if acceptances is None else _section("Who checked the proofs", acceptances.markup()),
    ]
    summary = element("summary", "What the names mean, and what is taken for granted")
    return element("details", summary, element("div", body, id=identity), open=unfold, class_="meanings")


def _section(title: str, body: Content) -> Markup | None:
    if body is None:
        return None
    return element("section", element("h4", title), body, class_="proof")


def _formulas(proof: ProofStory) -> Content:
    """The invariant, with what the variables in it mean."""
    if not proof.formulas:
        return None
    told = [one for one in proof.explained if any(one.name in said.names for said in proof.formulas)]
    return [_list(proof.formulas), explained_markup(told) if told else None]


def _list(formulas: Sequence[Said]) -> Markup | None:
    if not formulas:
        return None
    meant = words_for_loops([formula.symbols for formula in formulas])
    told = element("ul", [element("li", _said(formula)) for formula in formulas], class_="said")
    return told if meant is None else joined([told, element("p", meant, class_="faint")])


def _said(formula: Said) -> Content:
    return [element("div", formula.words), element("code", formula.symbols)]


def _assumptions(check: Answer, proof: ProofStory, common: str) -> Markup:
    items: list[Markup] = []
    sizes = None if check.asked.any_size else _sizes(check)
    if sizes is not None:
        items.append(element("li", "The numbers of elements: ", sizes, "."))
    if proof.where is not None:
        items.append(element("li", _said(proof.where)))
    if check.asked.assuming:
        items.append(element("li", "That this is so: ", assumed(check), "."))
    rest = element("a", "what is taken for granted in all of this file", href=f"#{common}")
    items.append(element("li", "And ", rest, "."))
    return element("ul", items, class_="said")


def _sizes(check: Answer) -> Markup | None:
    sizes = told_sizes(check.sizes)
    return element("code", sizes) if sizes else None


def _accepted(proof: ProofStory, stored: str | None) -> Markup:
    items = [element("li", sentence) for sentence in proof.accepted]
    if stored is not None:
        items.append(element("li", _stored(stored)))
    return element("ul", items)


def _stored(file: str) -> Content:
    return [
        "The same answer is stored in ",
        element("code", file),
        "; ",
        element("code", "tdxverify recheck"),
        " checks what is stored there.",
    ]
