"""Objects made of parts that are shared, so that a few of them may be a tree of 2^40: hashing and comparing
them costs as much as there are objects, however often each occurs."""

from __future__ import annotations


class Shared:
    """Equal where the class, what is its `_own` and all its `parts` are.

    What is found out of one stays with it (`_hash`, `_names`), and takes no part in what is equal or stored.
    """

    __slots__ = ("_hash", "_names")
    _hash: int
    _names: frozenset[str]

    def _own(self) -> tuple[object, ...]:
        """What counts beside the parts."""
        raise NotImplementedError

    def parts(self) -> tuple[object, ...]:
        """Some of which may be shared in turn."""
        raise NotImplementedError

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((self._own(), self.parts()))
            object.__setattr__(self, "_hash", found)
            return found

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self.__class__ is other.__class__ and _alike(self, other)


def _alike(left: object, right: object) -> bool:
    """Whether two objects are equal; no two are compared twice."""
    compared: set[tuple[int, int]] = set()
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if one is other or (id(one), id(other)) in compared:
            continue
        if not isinstance(one, Shared) or not isinstance(other, Shared):
            if one != other:
                return False
            continue
        compared.add((id(one), id(other)))
        if one.__class__ is not other.__class__ or hash(one) != hash(other) or one._own() != other._own():
            return False
        parts, others = one.parts(), other.parts()
        if len(parts) != len(others):
            return False
        waiting += zip(parts, others, strict=True)
    return True
