"""What checks are called where a name has to tell each from all others of its file.

Names do not depend on line numbers: `no_mc[Line = 2, not erratum]`. Those of checks in a configuration have
its name, not what it stands for: `no_mc[in v5, hot]`. Checks that say the same are told apart by a counter:
`no_mc`, `no_mc#2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tdxverify.model.model import Check


def check_name(check: Check, checks: Sequence[Check]) -> str:
    """The name of `check` among the `checks` of its model; of a variant, that of the check it came from."""
    before = [other for other in checks if other.property == check.property and _is_before(other, check)]
    return told_apart([*map(_name, before), _name(check)])[-1]


def told_apart(names: Iterable[str]) -> list[str]:
    """Each name once: the second `no_mc` is `no_mc#2`."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found


def with_situation(name: str, parts: Iterable[str]) -> str:
    """`no_mc[Line = 2, not erratum]`; the name alone where no part says anything."""
    situation = ", ".join(part for part in parts if part)
    return f"{name}[{situation}]" if situation else name


def _is_before(other: Check, check: Check) -> bool:
    return other.span.start < check.span.start


def _name(check: Check) -> str:
    sizes = [
        f"{size.sort} = {size.high}" if size.low == size.high else f"{size.sort} <= {size.high}"
        for size in check.sizes
    ]
    config = "" if check.config is None else f"in {check.config.name}"
    where = " ".join((check.where_text if check.config is None else check.besides).split())
    any_size = ["any size"] if check.any_size else []
    return with_situation(check.property, [config, *sizes, *any_size, check.assuming_text(), where])
