"""Plans for sets of rules: what every match of a rule needs, as far as some fields can tell.

Knows the IR alone; no target and no engine.
"""
