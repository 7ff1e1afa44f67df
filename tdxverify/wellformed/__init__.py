"""Whether a program is one: what is said about all states, and so cannot be read off the text.

A `Model` that anything is proved about comes from `build_model`, the only door of this package.
"""

from tdxverify.wellformed.building import build_model

__all__ = ["build_model"]
