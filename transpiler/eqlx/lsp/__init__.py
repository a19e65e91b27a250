"""The language server: EQL in editors, in `.eql` files and inside rule files.

`document` to `actions` compute answers in offsets of the text, without a protocol; `server` speaks it.
"""
