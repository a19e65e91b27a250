"""Diagnostics as text: one module a form, each with `render(diagnostic, *, color=False)`."""
