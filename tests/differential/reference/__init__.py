"""What a spec means, read from its syntax tree alone: a plain interpreter that enumerates.

Written from the language reference. It may use the parser, and nothing else of the package: whatever the
front end gets wrong must not be wrong here in the same way.
"""
