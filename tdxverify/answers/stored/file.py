"""The file `NAME.proof.json` beside `NAME.tdx`: sorted, one thing a line, the same for the same answers.

It holds no times, paths or host names. The checksum finds accidents, such as a merge gone wrong; it is
no signature. Nothing read from a file is believed: see `rechecking.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from tdxverify.answers.stored.entries import ANY_SIZE, Entry, Key, ProofFile
from tdxverify.characters import visible_json
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.evidence.item import Item, Json
from tdxverify.files.reading import NotAFile, read_bytes
from tdxverify.files.writing import PROOF_SUFFIX, OutputFile, identities
from tdxverify.logic.counting import counted

FORMAT = 1
LARGEST = 64_000_000  # bytes
_MOST_DIGITS = 100
_NARROW = 100  # columns, up to which a value stays on one line
_ITEM_KEYS = ("kind", "for", "fingerprint", "checked by")


def proof_path(spec: Path) -> Path:
    """`kexec.proof.json` for `kexec.tdx`."""
    return spec.with_name(spec.stem + PROOF_SUFFIX)


# --- writing ---------------------------------------------------------------------


def text_of(stored: ProofFile) -> str:
    """The whole file."""
    checks: list[Json] = [_entry(entry) for entry in sorted(stored.entries, key=lambda entry: entry.key)]
    body: dict[str, Json] = {"format": FORMAT, "spec": stored.spec, "checks": checks}
    head: dict[str, Json] = {"format": FORMAT, "spec": stored.spec, "checksum": _checksum(body)}
    return visible_json("".join(_laid_out({**head, "checks": checks}, 0)) + "\n")


def write(path: Path, stored: ProofFile, inputs: Iterable[Path]) -> bool:
    """Write the file, whole or not at all; False if it is so already. Raises SpecError (E705).

    `inputs` are never written over, even if the name of the proof file leads to one of them.
    """
    text = text_of(stored)
    try:
        if read_bytes(path, LARGEST + 1) == text.encode("utf-8"):
            return False
    except NotAFile as error:
        raise _no_file(path, error) from None
    except OSError:
        pass  # it is still to be made, or writing will tell what is wrong
    OutputFile(path, identities(inputs)).write(text)
    return True


def _entry(entry: Entry) -> dict[str, Json]:
    sizes = entry.key.sizes
    return {
        "property": entry.key.property,
        "where": entry.key.where,
        "for": sizes if isinstance(sizes, str) else dict[str, Json](sizes),
        **({"assuming": entry.key.assuming} if entry.key.assuming else {}),
        "outcome": entry.outcome,
        "evidence": [_item(item) for item in entry.evidence],
    }


def _item(item: Item) -> dict[str, Json]:
    return {
        "kind": item.kind,
        "for": ANY_SIZE if item.sizes is None else dict[str, Json](item.sizes),
        "fingerprint": item.fingerprint,
        "checked by": list(item.checked_by),
        **dict(item.content),
    }


def _checksum(body: Json) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _laid_out(data: Json, depth: int) -> Iterator[str]:
    """JSON with whole formulas, steps and short lists on one line, so that a diff shows what changed."""
    if isinstance(data, dict) and data:
        yield from _block("{}", (_member(key, value, depth + 1) for key, value in data.items()), depth)
    elif isinstance(data, list) and data and not _is_line(data):
        yield from _block("[]", (_laid_out(value, depth + 1) for value in data), depth)
    else:
        yield _flat(data)


def _is_line(data: list[Json]) -> bool:
    return not any(isinstance(item, dict | list) for item in data) and len(_flat(data)) <= _NARROW


def _flat(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False)


def _member(key: str, value: Json, depth: int) -> Iterator[str]:
    yield f"{_flat(key)}: "
    if key == "formula":
        yield _flat(value)
    else:
        yield from _laid_out(value, depth)


def _block(brackets: str, parts: Iterator[Iterator[str]], depth: int) -> Iterator[str]:
    margin = "\n" + "  " * depth
    yield brackets[0]
    for number, part in enumerate(parts):
        yield ("," if number else "") + margin + "  "
        yield from part
    yield margin + brackets[1]


# --- reading ---------------------------------------------------------------------


class _Damaged(Exception):
    """The file is not what was written."""


def read(path: Path, spec: Path) -> ProofFile | None:
    """The file's content; None if there is none. Raises SpecError: E102, E801, E802, E803."""
    try:
        content = read_bytes(path, LARGEST + 1)
    except FileNotFoundError:
        return None
    except NotAFile as error:
        raise _no_file(path, error) from None
    except OSError as error:
        raise SpecError(
            [Diagnostic(Code.E102, f"cannot read {path}: {error.strerror}", file=str(path))]
        ) from None
    try:
        return _understood(content, path, spec)
    except _Damaged as damage:
        hint = "restore it, or let 'tdxverify prove --update' write it anew"
        raise SpecError(
            [Diagnostic(Code.E801, f"{path} is damaged: {damage}", hint=hint, file=str(path))]
        ) from None


def _no_file(path: Path, error: NotAFile) -> SpecError:
    hint = "move it away: 'tdxverify prove' keeps the answers under that name"
    return SpecError(
        [Diagnostic(Code.E102, f"{path} is {error.kind}, not a file", hint=hint, file=str(path))]
    )


def _understood(content: bytes, path: Path, spec: Path) -> ProofFile:
    if len(content) > LARGEST:
        raise _Damaged(f"it is larger than {LARGEST:,} bytes")
    try:
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_object, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise _Damaged(f"it is no JSON: {error}") from None
    version = _integer(_dict(data).get("format"))
    if version > FORMAT:
        message = f"{path} has format {version}; this program knows formats up to {FORMAT}"
        hint = "use the newer program that wrote it"
        raise SpecError([Diagnostic(Code.E802, message, hint=hint, file=str(path))])
    if version != FORMAT:
        raise _Damaged(f"there is no format {version}")
    fields = _fields(data, {"format", "spec", "checksum", "checks"})
    body = {key: value for key, value in fields.items() if key != "checksum"}
    if fields["checksum"] != _checksum(body):
        raise _Damaged("its checksum is not that of its content")
    name = _string(fields["spec"])
    if name != spec.name:
        message = f"{path} was written for {name}, not for {spec.name}"
        hint = "if the spec was renamed, 'tdxverify prove --update' writes the file anew"
        raise SpecError([Diagnostic(Code.E803, message, hint=hint, file=str(path))])
    entries = tuple(_read_entry(item) for item in _list(fields["checks"]))
    if len({entry.key for entry in entries}) < len(entries):
        raise _Damaged("it answers one check twice")
    return ProofFile(name, entries)


def _read_entry(data: Json) -> Entry:
    assuming = {"assuming"} & set(_dict(data))
    fields = _fields(data, {"property", "where", "for", "outcome", "evidence"} | assuming)
    sizes = fields["for"]
    shown: str | tuple[tuple[str, str], ...]
    shown = ANY_SIZE if sizes == ANY_SIZE else tuple((k, _string(v)) for k, v in _dict(sizes).items())
    assumed = _string(fields.get("assuming", ""))
    key = Key(_string(fields["property"]), _string(fields["where"]), shown, assumed)
    return Entry(key, _string(fields["outcome"]), tuple(_read_item(i) for i in _list(fields["evidence"])))


def _read_item(data: Json) -> Item:
    fields = _dict(data)
    if not set(_ITEM_KEYS) <= set(fields):
        raise _Damaged("a piece of evidence is incomplete")
    sizes = fields["for"]
    return Item(
        _string(fields["kind"]),
        None if sizes == ANY_SIZE else tuple((k, _integer(v)) for k, v in _dict(sizes).items()),
        _string(fields["fingerprint"]),
        tuple(_string(name) for name in _list(fields["checked by"])),
        tuple((key, value) for key, value in fields.items() if key not in _ITEM_KEYS),
    )


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _number(digits: str) -> int:
    """Python refuses to write longer numbers out, as messages do."""
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {counted(len(digits), 'digit')}")
    return int(digits)


def _fields(data: Json, names: set[str]) -> dict[str, Json]:
    fields = _dict(data)
    if set(fields) != names:
        raise _Damaged(f"it needs exactly {', '.join(sorted(names))}")
    return fields


def _dict(data: Json) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise _Damaged("names and values are missing")
    return data


def _list(data: Json) -> list[Json]:
    if not isinstance(data, list):
        raise _Damaged("a list is missing")
    return data


def _string(data: Json) -> str:
    if not isinstance(data, str):
        raise _Damaged("a text is missing")
    return data


def _integer(data: Json) -> int:
    if isinstance(data, bool) or not isinstance(data, int):
        raise _Damaged("a number is missing")
    return data
