"""A retry against a deletion, as a spec: whoever asks is served while the slot is there."""

from __future__ import annotations

from tdxverify.questions.problems.problem import Problem
from tests.texts import problem_of

SPEC = """
index Cpu
actor cpu[Cpu], owner
state tries[Cpu] : 0..{most} = 0   // 0: it asks for nothing
state there : bool = true
action ask(c : Cpu) by cpu[c] when tries[c] = 0 {{ tries[c] := 1 }}
action retry(c : Cpu) by cpu[c] when tries[c] > 0 and not there {{
  if tries[c] < {most} {{ tries[c] := tries[c] + 1 }}
}}
action serve(c : Cpu) by owner when tries[c] > 0 and there {{ tries[c] := 0 }}
action delete by owner when there {{ there := false }}
action add by owner when not there {{ there := true }}
property served each c : Cpu: tries[c] > 0 leads_to tries[c] = 0
check served assuming {fair}
"""
PROVED = "strongly fair serve, fair add"
REFUTED = "fair serve, fair add, strongly fair retry"


def retrying(cpus: int, most: int, fair: str) -> Problem:
    """So many CPUs, each of which counts up to `most`: 2 * (most + 1) ** cpus states."""
    return problem_of(SPEC.format(most=most, fair=fair), sizes={"Cpu": cpus})
