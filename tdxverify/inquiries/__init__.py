"""What can be said about a spec besides the answers to its checks: is it about anything at all?

`lint` finds what plays no part, `strict` calls a proof vacuous that holds only because what it talks
about never happens.
"""
