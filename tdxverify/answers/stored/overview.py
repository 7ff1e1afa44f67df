"""Which answers of a run lie in proof files as well, for reports to tell. Nothing is rechecked here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from tdxverify.answers.answer import Answer
from tdxverify.answers.run import Run
from tdxverify.answers.stored.entries import ANY_SIZE, Entry, ProofFile
from tdxverify.diagnostics import SpecError

Place: TypeAlias = tuple[str, int, str, str]  # file, line, property and configuration of a check


StoredProofs: TypeAlias = Mapping[Place, str]  # the proof file; what it says of its evidence is not believed


def place_of(check: Answer) -> Place:
    config = "" if check.asked.config is None else check.asked.config.name
    return check.asked.file, check.asked.line, check.asked.property, config


def stored_proofs(run: Run) -> dict[Place, str]:
    """Of the checks to which a proof file beside their spec has the same answer."""
    from tdxverify.answers.stored.file import proof_path  # where nobody asks, nothing of it is loaded

    files: dict[str, ProofFile | None] = {}
    found: dict[Place, str] = {}
    for check in run.answers:
        if check.asked.file not in files:
            files[check.asked.file] = _read(Path(check.asked.file))
        entry = _entry(files[check.asked.file], check)
        if entry is not None:
            found[place_of(check)] = str(proof_path(Path(check.asked.file)))
    return found


def _read(spec: Path) -> ProofFile | None:
    """None where there is no file that can be used; `tdxverify recheck` says what is wrong with it."""
    from tdxverify.answers.stored.file import proof_path, read

    try:
        return read(proof_path(spec), spec)
    except SpecError:
        return None


def _entry(stored: ProofFile | None, check: Answer) -> Entry | None:
    """The entry with the same outcome, if it is clear which one it is."""
    if stored is None:
        return None
    same = [
        e
        for e in stored.entries
        if (e.key.property, e.key.where, e.key.assuming)
        == (check.asked.property, check.asked.where, check.asked.assuming)
    ]
    if len(same) > 1:
        same = [e for e in same if e.key.sizes == (ANY_SIZE if check.asked.any_size else check.sizes)]
    return same[0] if len(same) == 1 and same[0].outcome == check.outcome.value else None
