"""The playground: one query, live, on every target, and over events.

`answers` computes what the page shows, without a server; `server` is the local server of `eqlx play`.
"""
