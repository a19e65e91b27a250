"""Packs: readable data files that say how raw logs become ECS events (docs/packs.md)."""
