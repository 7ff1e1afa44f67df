"""Whether a proof is trivial: whether the property holds because of what never happens."""
