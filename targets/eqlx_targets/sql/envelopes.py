"""What is put around a finished query: a view, parameters, a dbt model. All of it is Jinja2."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import PurePath

from eqlx.rule import Rule
from eqlx.target import Request
from eqlx_targets.sql import names
from eqlx_targets.sql.dbt import alternatives, configuration, template_text, with_relation
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.header import comment

_OWN_FILE = (".toml", ".eql")
"""A file of these holds one rule, which has the file's name."""


def enveloped(query: str, header: str, request: Request, later: str | None = None) -> str:
    """The query in the envelope that was asked for; `later` is that of an incremental model's later
    runs."""
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    envelope = request.options["envelope"]
    environment = SandboxedEnvironment(
        loader=PackageLoader("eqlx_targets.sql", "templates"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    rule = request.rule
    name = names.identifier(relation_name(rule)).sql(DIALECTS[request.dialect].printer)
    # Jinja reads the escapes of two halves of a character as two characters: nothing is escaped.
    tags = json.dumps([comment(tag) for tag in rule.tags], ensure_ascii=False)
    configured = ""
    if envelope == "dbt":
        # A model is a Jinja template itself: the query's own braces must not open anything. Inside
        # of a string of Jinja, as the tags are, nothing opens.
        query, header = with_relation(query, request), template_text(header)
        if later is not None:
            query = alternatives(with_relation(later, request), query)
        configured = configuration(request, tags)
    template = environment.get_template(f"{envelope}.sql.j2")
    start, end = (DIALECTS[request.dialect].parameter_sql(word) for word in ("start", "end"))
    return template.render(
        query=query, header=header, name=name, config=configured, start=start, end=end
    )


def relation_name(rule: Rule) -> str:
    """The name of a view: that of the rule's own file, else its id, else its name, in lower-case
    words. It is never cut, since two rules could else be one view.

    >>> from eqlx.source import Source
    >>> relation_name(Rule(Source("q", ""), path="rules/lsass_dump.toml", id="1", name="LSASS"))
    'eql_lsass_dump'
    """
    path = PurePath(rule.path or "")
    whole = path.stem if path.suffix.lower() in _OWN_FILE else rule.label
    words = re.findall(r"\w+", whole.casefold())
    return "_".join(["eql", *words]) if words else f"eql_{sha256(whole.encode()).hexdigest()[:12]}"
