"""What EQL's values are and what its operations make of them: the only place that computes them.

The passes fold constants with it, the interpreter evaluates events with it (house.md §10.1).

values       what a field or a constant is worth: doubles and their Java text, versions, addresses
text         letter case, and positions in UTF-16 units
dates        ISO 8601 and epoch milliseconds, exact to the nanosecond
arithmetic   `+ - * / %` and negation
comparison   equality and order
matching     wildcards and regular expressions on whole strings
functions    EQL's functions
"""
