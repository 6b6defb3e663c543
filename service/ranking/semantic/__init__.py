"""The ranker that understands words: an index of meanings beside the catalogue, and what searches it.

Needs numpy and rapidfuzz, which take a fifth of a second to import: nothing of this package is imported before the
service has answered once. ``docs/ranking.md`` tells the method to a reader who knows no information retrieval.
"""
