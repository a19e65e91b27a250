"""How values change between ECS and Sigma's taxonomy: one function a rewrite that the table names.

Each gives the condition in Sigma's field, and the drift that the writing itself brings, for a test
that stands outside of `not`. Where a test cannot be written exactly without a regular expression, it
widens outside of `not` and is a regular expression inside: what errs then errs towards more alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eqlx.ir import nodes as ir
from eqlx_targets.sigma.rewrites import arguments, cloud, paths, registry, times, users, values
from eqlx_targets.sigma.rewrites.subject import Rewrite, Rewritten, Subject, same

_OF_NULL = frozenset(("extension", "hash", "implied", "outcome", "paired"))
"""The rewrites to which a test for null is a value like others."""

REWRITES: Mapping[str, Rewrite] = {
    "same": same,
    "keep": same,
    "camel": same,
    "yes": values.yes,
    "auditoutcome": values.audit_outcome,
    "oktaoutcome": values.okta_outcome,
    "basename": paths.basename,
    "extension": paths.extension,
    "directory": paths.directory,
    "argument": arguments.argument,
    "words": arguments.words,
    "hex": values.hexadecimal,
    "hive": registry.hive,
    "key": registry.key,
    "details": registry.details,
    "sid": users.session,
    "sidname": users.sid_name,
    "uid": users.uid,
    "account": users.account,
    "domain": users.domain,
    "inside": values.inside,
    "hash": values.hashed,
    "integrity": values.integrity,
    "direction": values.direction,
    "signature": values.signature,
    "logon": values.logon,
    "flags": values.flags,
    "paired": values.paired,
    "number": values.number,
    "boolean": values.boolean,
    "valid": values.valid,
    "implied": values.implied,
    "outcome": cloud.outcome,
    "parameters": cloud.parameters,
    "utctime": times.utc_time,
}


def rewrite(verb: str, subject: Subject) -> Rewritten:
    """Apply the rewrite that a row of the table names.

    Raises:
        UnsuitedError: this value has no counterpart.
    """
    if isinstance(subject.leaf, ir.IsNull) and verb not in _OF_NULL:
        return Rewritten(replace(subject.leaf, value=subject.field))
    return REWRITES[verb](subject)
