"""Every fact that a specification cites has an entry, with a source, on the facts page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "spec" / "facts.md"
README = ROOT / "spec" / "README.md"
TEN_LINES = ROOT / "examples" / "13-ten-lines.tdx"
CONFIDENCES = {"verified", "secondary", "inference", "unverified"}

# One alternative per thing to be skipped: what is said in a comment or a description cites nothing.
_SKIPPED_OR_CITED = re.compile(
    r'"(?:[^"\\\r\n]|\\["\\])*"'
    r"|//[^\n]*"
    r"|/\*.*?\*/"
    r"|(?P<cited>\b[A-Z]+(?:-[A-Za-z0-9]+)+\b)",
    re.DOTALL,
)
_ENTRY = re.compile(
    r"^### (?P<identifier>[A-Z]+(?:-[A-Za-z0-9]+)+)\n(?P<text>.*?)(?=^#|\Z)", re.DOTALL | re.MULTILINE
)
_MENTIONED = re.compile(r"\b(?:F|T|P|U)-(?:[A-Z]+-)?[0-9]+\b")
_SOURCE = re.compile(r"^Source: (?P<source>\S.*)\. Confidence: (?P<confidence>[a-z]+)\.$", re.MULTILINE)


def specifications() -> list[Path]:
    return sorted(path for folder in ("spec", "examples") for path in (ROOT / folder).rglob("*.tdx"))


def citations(text: str) -> set[str]:
    """All fact ids in the text of a specification, outside of comments and descriptions."""
    found = (match.group("cited") for match in _SKIPPED_OR_CITED.finditer(text))
    return {identifier for identifier in found if identifier}


def entries() -> dict[str, str]:
    """The facts page: id to text."""
    return {
        m.group("identifier"): m.group("text") for m in _ENTRY.finditer(FACTS.read_text(encoding="utf-8"))
    }


def test_scanner_ignores_comments_and_descriptions() -> None:
    text = 'x "F-A-1 \\" F-A-2" cite F-B-1, T-C-1 // F-A-3\n/* F-A-4\n F-A-5 */ cite F-B-02b'
    assert citations(text) == {"F-B-1", "T-C-1", "F-B-02b"}


def test_every_citation_has_an_entry() -> None:
    known = entries()
    cited = {path: citations(path.read_text(encoding="utf-8")) for path in specifications()}
    assert sum(map(len, cited.values())) > 0, "no citations found at all"
    dangling = {str(path.relative_to(ROOT)): sorted(ids - known.keys()) for path, ids in cited.items()}
    assert not {path: ids for path, ids in dangling.items() if ids}


def test_every_entry_has_a_source_and_a_confidence() -> None:
    found = {identifier: _SOURCE.search(text) for identifier, text in entries().items()}
    assert found
    assert not [identifier for identifier, match in found.items() if match is None]
    assert {match.group("confidence") for match in found.values() if match} <= CONFIDENCES


def test_no_entry_appears_twice() -> None:
    identifiers = [m.group("identifier") for m in _ENTRY.finditer(FACTS.read_text(encoding="utf-8"))]
    assert sorted(set(identifiers)) == sorted(identifiers)


def test_entries_refer_to_entries() -> None:
    known = entries()
    mentioned = {identifier for text in known.values() for identifier in _MENTIONED.findall(text)}
    assert mentioned
    assert not mentioned - known.keys()


def test_example_of_the_readme_is_a_checked_file() -> None:
    shown = re.findall(r"^```\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    header, _, checked = TEN_LINES.read_text(encoding="utf-8").partition("\n")
    assert header.startswith("//")
    assert shown == [checked]


def test_readme_lists_every_file_of_the_library() -> None:
    listed = set(re.findall(r"^\| (\S+\.tdx) \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {path.relative_to(ROOT / "spec").as_posix() for path in (ROOT / "spec").rglob("*.tdx")}


def test_what_is_not_cited_is_named() -> None:
    """And counted: `192 of the 195 facts`."""
    facts = {identifier for identifier in entries() if identifier.startswith("F-")}
    library = [path for path in specifications() if path.is_relative_to(ROOT / "spec")]
    cited = set().union(*(citations(path.read_text(encoding="utf-8")) for path in library))
    section = re.search(
        r"^## What is not modelled$(.*?)^## ", README.read_text(encoding="utf-8"), re.M | re.S
    )
    assert section is not None
    assert f"{len(facts & cited)} of the {len(facts)} facts" in section[1]
    rows = [line.split("|")[1] for line in section[1].splitlines() if line.startswith("| F-")]
    assert {name for row in rows for name in _MENTIONED.findall(row)} == facts - cited
