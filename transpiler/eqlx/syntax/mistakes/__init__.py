"""What a text that fails to parse was meant to be: one recogniser a mistake, in a fixed order."""

from eqlx.syntax.mistakes.recognise import explain

__all__ = ["explain"]
