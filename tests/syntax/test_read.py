"""Files that are no specs, and the few oddities that are fine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.syntax.read import LARGEST_FILE, read, shown_path


def refusal(path: Path) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        read(path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is None
    return diagnostic


def test_missing(tmp_path: Path) -> None:
    (tmp_path / "kexec.tdx").write_text("state x : bool")
    found = refusal(tmp_path / "kexec")
    assert found.code is Code.E101
    assert "kexec does not exist" in found.message
    assert found.hint is not None
    assert "kexec.tdx" in found.hint
    assert refusal(tmp_path / "kexec.tdx" / "below").code is Code.E101


def test_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).code is Code.E102
    assert "folder" in refusal(tmp_path).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_text("state x : bool")
    path.chmod(0)
    assert refusal(path).code is Code.E102


def test_link_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.symlink_to(path)
    assert refusal(path).code is Code.E102


def test_impossible_name() -> None:
    assert refusal(Path("a\0b")).code is Code.E102


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_bytes(b"// fine\n// gr\xfcn\n")
    assert refusal(path).code is Code.E103
    assert "0xfc in line 2" in refusal(path).message


def test_binary(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_bytes("state x : bool".encode("utf-16"))
    assert refusal(path).code is Code.E104


@pytest.mark.parametrize("line", ["x" * 5_000_000, "(\n" * 2_500_000], ids=["one line", "many lines"])
def test_too_large(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.tdx"
    path.write_text(line)
    assert refusal(path).code is Code.E105
    assert "2 MB" in refusal(path).message


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_text(" " * LARGEST_FILE)
    assert len(read(path).text) == LARGEST_FILE


def test_an_endless_device_is_refused() -> None:
    assert refusal(Path("/dev/zero")).code is Code.E102


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_bytes(b"\xef\xbb\xbfstate x : bool\r\n")
    source = read(path)
    assert source.text == "state x : bool\r\n"
    assert source.line_text(1) == "state x : bool"


def test_paths_are_shown_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(tmp_path / "a" / "b.tdx") == "a/b.tdx"
    assert shown_path(Path("./a/../b.tdx")) == "b.tdx"
    assert shown_path(tmp_path.parent / "b.tdx") == str(tmp_path.parent / "b.tdx")
