"""What an answer has to do with what is not known, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.answers.answer import Bearing, UnknownUse


def unknown_text(use: UnknownUse) -> str:
    """`assumes U-05: act_write = write_dropped`."""
    what = f"{', '.join(use.identifiers)}: {use.name}"
    match use.bearing:
        case Bearing.ASSUMED:
            each = ", the same for each" if len(use.values) > 1 else ""
            return f"assumes {what} = {_either(use.values)}{each}"
        case Bearing.ANY_VALUE:
            return f"the same whatever {what} is"
        case Bearing.FOUND_WITH:
            also = f", and the same with {_either(use.also)}" if use.also else ""
            return f"found with {what} = {_either(use.values)}{also}; not said for {_either(use.others)}"


def dependences_text(uses: Iterable[UnknownUse]) -> str | None:
    """Those on which the answer may depend, on one line; None if there are none."""
    told = [unknown_text(use) for use in uses if use.bearing is not Bearing.ANY_VALUE]
    return "; ".join(told) or None


def _either(values: Sequence[str]) -> str:
    return " or ".join((", ".join(values[:-1]), values[-1])) if len(values) > 1 else "".join(values)
