"""The target `sigma`: EQL rules as Sigma rules and correlations."""
