"""What checks of the library cost in this tree, as ratios to another: processor time, interleaved, medians.

    python -m benchmarks.library OTHER [ROUNDS] [FILE ...]

OTHER is a copy of the repository at another time. Read the ratios: seconds belong to the machine.

Measured when triviality began to ask and encode only what facts speak of, and parameters that others leave
one value were no longer tried, against the tree before; one round on a busy machine: give or take a tenth.

    ================================  =====  =====  =====
    file                              other  this   ratio
    ================================  =====  =====  =====
    spec/properties/seed_mail.tdx     27.5   18.9   0.69
    spec/properties/kexec_steps.tdx   30.8   21.8   0.71
    spec/properties/focus.tdx          8.4    4.3   0.51
    spec/properties/act.tdx            2.5    2.3   0.92
    examples/01-hello.tdx              0.65   0.70  1.08
    ================================  =====  =====  =====
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
ROUNDS = 3
FILES = (
    "spec/properties/seed_mail.tdx",
    "spec/properties/kexec_steps.tdx",
    "spec/properties/focus.tdx",
    "spec/properties/act.tdx",
    "examples/01-hello.tdx",
)


def seconds(tree: Path, file: str) -> float:
    """Of the processor, for one check of `file` by and in `tree`, user mode only."""
    command = [sys.executable, "-m", "tdxverify", "check", file]
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    started = 'cd "$0" && exec "$@"'
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    process = os.posix_spawn(
        "/bin/sh", ["sh", "-c", started, str(tree), *command], environment, file_actions=silent
    )
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 2):
        raise SystemExit(f"failed: {' '.join(command)} in {tree}")
    return usage.ru_utime


def compare(other: Path, rounds: int, files: tuple[str, ...]) -> None:
    print(f"{'':36}{'other s':>9}{'this s':>9}{'ratio':>7}")
    for file in files:
        pairs = [(seconds(other, file), seconds(ROOT, file)) for _ in range(rounds)]
        before, now = (median(column) for column in zip(*pairs, strict=True))
        print(f"{file:36}{before:9.2f}{now:9.2f}{now / before:7.2f}", flush=True)


def main() -> None:
    match sys.argv[1:]:
        case [other]:
            compare(Path(other).resolve(), ROUNDS, FILES)
        case [other, rounds, *files]:
            compare(Path(other).resolve(), int(rounds), tuple(files) or FILES)
        case _:
            print(__doc__)


if __name__ == "__main__":
    main()
