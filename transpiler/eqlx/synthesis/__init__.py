"""Events made from a rule's IR: hits, near misses and boundary cases, with the expected answers."""

from eqlx.synthesis.maker import synthesise
from eqlx.synthesis.model import Case, LeafCoverage, Synthesis, Unreached, Varies

__all__ = ["Case", "LeafCoverage", "Synthesis", "Unreached", "Varies", "synthesise"]
