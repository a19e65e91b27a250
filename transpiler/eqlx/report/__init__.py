"""The fidelity report: what rules become on every target, what is lost, and what was proved."""
