"""The names of the columns that sequence and sample queries give beside the event's own."""

SEQUENCE = "_sequence"
"""The number of the match, from 1, in result order."""
STAGE = "_stage"
"""The stage from 0, with `runs` expanded and missing stages counted."""
KEY = "_key_{}"
"""The join keys, from 1."""
