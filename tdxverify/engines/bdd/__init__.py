"""Sets of states as binary decision diagrams: the only user of `dd`, which is optional."""
