"""`tdxverify explain`."""

from __future__ import annotations

import sys
from difflib import get_close_matches

import click

from tdxverify.cli.terminal import show, width
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, indent, line, wrap


@click.command()
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="All codes, with their titles.")
def command(code: str | None, everything: bool) -> None:
    """Explain a diagnostic code such as E301: what is wrong, and what is right instead."""
    if everything == (code is not None):
        raise click.UsageError("give one code, or --all")
    if code is None:
        show([(Piece(c.name, Style.BAD), Piece(f"  {c.value}")) for c in Code], sys.stdout)
    else:
        show(explanation_lines(_code(code), width(sys.stdout)), sys.stdout)


def _code(name: str) -> Code:
    known = {code.name: code for code in Code}
    wanted = name.strip().upper().removeprefix("ERROR").removeprefix("WARNING").strip("[]")
    if wanted in known:
        return known[wanted]
    close = get_close_matches(wanted, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "tdxverify explain --all lists them"
    raise SpecError([Diagnostic(Code.E706, f"there is no diagnostic code '{name}'", hint=hint)])


def explanation_lines(code: Code, columns: int) -> list[Line]:
    """Title, text, and the wrong and right example."""
    from tdxverify.diagnostics.explanations import explanation

    told = explanation(code)
    lines: list[Line] = [(Piece(code.name, Style.BAD), Piece(f": {code.value}", Style.STRONG)), EMPTY]
    for paragraph in told.text.strip().split("\n\n"):
        lines.extend((*wrap(line(" ".join(paragraph.split())), columns), EMPTY))
    for title, example, style in (("wrong", told.wrong, Style.BAD), ("right", told.right, Style.GOOD)):
        if example:
            body = (line(text) for text in example.strip("\n").splitlines())
            lines.extend((line(f"{title}:", style), *indent(body, "    "), EMPTY))
    return lines[:-1]
