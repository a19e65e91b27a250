"""The target `elasticsearch`: Query DSL for events, `_eql/search` requests for joins."""
