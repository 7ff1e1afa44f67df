"""Reading a spec of 500 lines: parsing, names, sorts, symbolic execution, access tables.

Prints seconds and the ratio to importing Z3, all in one run. Usage: python benchmarks/front_end.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model

BLOCK = """
state phase{n} : Phase = running  "where part {n} stands"  cite F-TDX-0{n}
memory Line {{
  owned{n}  : bool = false  "part {n} owns the line"
  poison{n} : bool = false
}}
define clean{n}(l : Line) : bool = not poison{n}[l] and not owned{n}[l]
access read{n}(l : Line) "a read in part {n}" {{
  poison{n}[l]                        -> fault #MC
  owned{n}[l] and not poison{n}[l]    -> ok(zeros)
  otherwise                           -> ok(data)
}}
access write{n}(l : Line) {{
  owned{n}[l] and erratum     -> ok {{ poison{n}[l] := true }}
  owned{n}[l] and not erratum -> ok {{ owned{n}[l] := false }}
  not owned{n}[l]             -> ok
}}
action take{n}(l : Line)  by host when phase{n} = running {{ owned{n}[l] := true  poison{n}[l] := false }}
action read_in{n}(l : Line) by host "a load" {{ read{n}(l) on #MC {{ poison{n}[l] := false }} }}
action write_in{n}(l : Line) by host {{ if clean{n}(l) {{ write{n}(l) }} else {{ owned{n}[l] := false }} }}
process stop{n} by host {{
  first:  when phase{n} = running {{ phase{n} := stopping }}
  sweep:  foreach l : Line {{ owned{n}[l] := false }}
  last:   {{ phase{n} := stopped }}
}}
property safe{n} "part {n} ends clean"
  never stop{n} at done and exists l : Line: owned{n}[l] and poison{n}[l]
check safe{n} where erratum expect unknown
"""
HEAD = "param erratum : bool\nindex Line\nactor host\nfault #MC\nenum Phase { running, stopping, stopped }\n"


def seconds(action: str, path: Path) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", action, str(path)], check=True)
    return perf_counter() - began


def main() -> None:
    parts = 1
    while len((HEAD + "".join(BLOCK.format(n=n) for n in range(parts))).splitlines()) < 500:
        parts += 1
    text = HEAD + "".join(BLOCK.format(n=n) for n in range(parts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.tdx")
        path.write_text(text, encoding="utf-8")
        load(path)  # builds the grammar's tables if this is the first time
        inside = []
        for _ in range(5):
            began = perf_counter()
            build_model(load(path))
            inside.append(perf_counter() - began)
        reading = (
            "import sys; from pathlib import Path; from tdxverify.syntax.imports import load; "
            "from tdxverify.wellformed import build_model; build_model(load(Path(sys.argv[1])))"
        )
        whole = median(seconds(reading, path) for _ in range(5))
        z3 = median(seconds("import z3", path) for _ in range(5))
    print(f"{len(text.splitlines())} lines: {median(inside):.3f} s in a warm process")
    print(f"whole process {whole:.3f} s, {whole / z3:.2f} times 'import z3' ({z3:.3f} s)")


if __name__ == "__main__":
    main()
