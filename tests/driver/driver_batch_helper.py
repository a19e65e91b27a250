"""A target that ends its process on one rule; in a module, so that worker processes find it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from eqlx.registry import load_target
from eqlx.target import Request, Target

KILLER = "killer.exe"


@dataclass
class Deadly:
    """The target `eql`, but for one rule."""

    inner: Target

    def __getattr__(self, name: str) -> object:
        return getattr(object.__getattribute__(self, "inner"), name)

    def lower(self, request: Request) -> object:
        if KILLER in request.eql():
            os._exit(1)
        return self.inner.lower(request)


def load_killer(name: str) -> Target:
    return Deadly(load_target(name))
