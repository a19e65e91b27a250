"""The value functions of packs as SQL. Arguments are texts or NULL; NULL gives NULL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp, parse_one

from eqlx_targets.sql.expressions import text

_ARGUMENT = r'(?:\\[\\"]|[^\s"]|"(?:\\[\\"]|[^"])*"?)+'
"""One argument of a command line as CommandLineToArgvW finds it."""
_UNQUOTED = r"""
replace(replace(replace(replace(replace(a, '\\\"', '\' || chr(1)), '\\"', '\'), '\"', chr(1)),
'"', ''), chr(1), '"')
"""
_SIDS = {
    "nt authority\\system": "S-1-5-18",
    "nt authority\\local service": "S-1-5-19",
    "nt authority\\network service": "S-1-5-20",
}
_LOGONS = {
    "2": "Interactive",
    "3": "Network",
    "4": "Batch",
    "5": "Service",
    "7": "Unlock",
    "8": "NetworkCleartext",
    "9": "NewCredentials",
    "10": "RemoteInteractive",
    "11": "CachedInteractive",
}
_INTEGRITY = {
    "S-1-16-4096": "low",
    "S-1-16-8192": "medium",
    "S-1-16-12288": "high",
    "S-1-16-16384": "system",
}
_DIRECTIONS = {"true": "egress", "false": "ingress", "%%14593": "egress", "%%14592": "ingress"}
_OUTCOMES = {
    "0x8020000000000000": "success",
    "-9214364837600034816": "success",
    "audit success": "success",
    "0x8010000000000000": "failure",
    "-9218868437227405312": "failure",
    "audit failure": "failure",
}


def _cases(words: Mapping[str, str], otherwise: str = "NULL") -> str:
    whens = " ".join(f"WHEN {text(k).sql()} THEN {text(v).sql()}" for k, v in words.items())
    return f"{whens} ELSE {otherwise} END"


def _unescaped(pattern: str) -> str:
    """The first group of a pattern in the XML text `v0`, its entities read."""
    found = f"NULLIF(regexp_extract(v0, {pattern}, 1), '')"
    entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "''"), ("&amp;", "&")]
    for entity, letter in entities:
        found = f"replace({found}, '{entity}', '{letter}')"
    return found


_ARGS = (
    f"""list_transform(regexp_extract_all(v0, {text(_ARGUMENT).sql()}), LAMBDA a : {_UNQUOTED})"""
)

_DATA = _unescaped(r"""'<Data Name=["\x27]' || v1 || '["\x27]>([^<]*)</Data>'""")
_ATTRIBUTE = _unescaped(r"""'<' || v1 || '\s[^>]*?' || v2 || '=["\x27]([^"\x27]*)["\x27]'""")
_ELEMENT = _unescaped(r"""'<' || v1 || '(?:\s[^>]*)?>([^<]*)</' || v1 || '>'""")

TEMPLATES: Mapping[str, str] = {
    "address": r"""CASE
        WHEN regexp_full_match(v0, '(?i)(?:::ffff:)?[0-9]+(?:\.[0-9]+){3}')
        THEN regexp_replace(lower(v0), '^::ffff:', '')
        WHEN v0 <> '::' AND regexp_full_match(v0, '[0-9A-Fa-f]*:[0-9A-Fa-f:.]*') THEN v0 END""",
    "args": _ARGS,
    "args_count": f"len({_ARGS})",
    "base_name": r"NULLIF(regexp_extract(v0, '[^\\/]*$'), '')",
    "boolean": "CASE lower(v0) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END",
    "digits": "CASE WHEN regexp_full_match(v0, '[0-9]+') THEN v0 END",
    "direction": f"CASE lower(v0) {_cases(_DIRECTIONS)}",
    "directory": r"NULLIF(regexp_extract(v0, '^(.*)[\\/][^\\/]*$', 1), '')",
    "domain": r"NULLIF(regexp_extract(v0, '^([^\\]*)\\', 1), '')",
    "extension": r"NULLIF(regexp_extract(v0, '\.([^.\\/]*)$', 1), '')",
    "hash": "lower(NULLIF(regexp_extract(v0, '(?:^|,)' || v1 || '=([0-9A-Fa-f]+)', 1), ''))",
    "hive": r"NULLIF(regexp_extract(v0, '^([^\\]+)\\', 1), '')",
    "host_name": "lower(split_part(v0, '.', 1))",
    "integer": "TRY_CAST(v0 AS BIGINT)",
    "integrity": f"CASE v0 {_cases(_INTEGRITY, 'lower(v0)')}",
    "logon_type": f"CASE v0 {_cases(_LOGONS)}",
    "lower": "lower(v0)",
    "map_text": r"""replace(replace(regexp_replace(regexp_replace(regexp_replace(v0,
        '(["}\]0-9el]),(["{\[\-0-9tfn])', '\1, \2', 'g'),
        '"((?:[^"\\]|\\.)*)":', '\1=', 'g'),
        '"((?:[^"\\]|\\.)*)"', '\1', 'g'), '\"', '"'), '\\', '\')""",
    "outcome": f"CASE lower(v0) {_cases(_OUTCOMES)}",
    "present": "CASE WHEN v0 IS NULL THEN v2 ELSE v1 END",
    "registry_data": r"""CASE WHEN v0 = 'Binary Data' THEN NULL
        WHEN regexp_full_match(v0, 'DWORD \(0x[0-9A-Fa-f]+\)')
        THEN list_value(CAST(TRY_CAST(regexp_extract(v0, '0x[0-9A-Fa-f]+') AS BIGINT) AS VARCHAR),
            regexp_extract(v0, '0x[0-9A-Fa-f]+'))
        WHEN regexp_full_match(v0, 'QWORD \(0x[0-9A-Fa-f]+-0x[0-9A-Fa-f]+\)')
        THEN list_value(CAST(TRY_CAST('0x' || regexp_extract(v0, '0x([0-9A-Fa-f]+)', 1)
            || regexp_extract(v0, '-0x([0-9A-Fa-f]+)', 1) AS UBIGINT) AS VARCHAR))
        WHEN v0 IS NOT NULL THEN list_value(v0) END""",
    "registry_key": r"NULLIF(regexp_extract(v0, '^[^\\]+\\(.*)\\[^\\]*$', 1), '')",
    "sid_of_name": f"CASE lower(v0) {_cases(_SIDS)}",
    "texts": "CAST(from_json(v0, '[\"VARCHAR\"]') AS VARCHAR[])",
    "transport": "CASE v0 WHEN '6' THEN 'tcp' WHEN '17' THEN 'udp' WHEN '1' THEN 'icmp' "
    "ELSE lower(v0) END",
    "trusted": "(v0 = 'Valid')",
    "uri_path": "NULLIF(regexp_extract(v0, '^([^?#]*)', 1), '')",
    "uri_query": r"NULLIF(regexp_extract(v0, '\?([^#]*)', 1), '')",
    "user_name": r"NULLIF(regexp_extract(v0, '[^\\]*$'), '')",
    "when": "CASE WHEN lower(v0) = lower(v1) THEN v2 END",
    "within": f"""CASE WHEN starts_with(ltrim(v0), '{{')
        THEN json_extract_string(TRY_CAST(v0 AS JSON), '$.' || v1) ELSE {_DATA} END""",
    "words": r"regexp_extract_all(v0, '\S+')",
    "words_count": r"len(regexp_extract_all(v0, '\S+'))",
    "xml_attribute": _ATTRIBUTE,
    "xml_element": _ELEMENT,
}
_TIME = r"""CASE WHEN regexp_full_match(v0, '[0-9]+(?:\.[0-9]+)?')
THEN CAST(to_timestamp(TRY_CAST(v0 AS DOUBLE) / CASE WHEN TRY_CAST(v0 AS DOUBLE) < 1e11 THEN 1
WHEN TRY_CAST(v0 AS DOUBLE) < 1e14 THEN 1000 WHEN TRY_CAST(v0 AS DOUBLE) < 1e17 THEN 1000000
ELSE 1000000000 END) AS TIMESTAMP)
ELSE CAST(TRY_CAST(v0 AS TIMESTAMPTZ) AS TIMESTAMP) END"""


def apply(name: str, arguments: Sequence[exp.Expr]) -> exp.Expr:
    """A value function of these arguments."""
    if name == "first":
        return _first(arguments)
    if name == "join":
        return exp.func("concat_ws", text(""), *arguments, dialect="duckdb")
    if name == "time":
        return _filled(_TIME, [_first(arguments)])
    return _filled(TEMPLATES[name], arguments)


def _first(values: Sequence[exp.Expr]) -> exp.Expr:
    if len(values) == 1:
        return values[0]
    return exp.Coalesce(this=values[0], expressions=list(values[1:]))


def _filled(template: str, arguments: Sequence[exp.Expr]) -> exp.Expr:
    names = {f"v{number}": value for number, value in enumerate(arguments)}
    tree: exp.Expr = parse_one(template, dialect="duckdb")

    def put(node: exp.Expr) -> exp.Expr:
        value = names.get(node.name) if isinstance(node, exp.Column) else None
        if value is None:
            return node
        return value.copy() if isinstance(value, exp.Column) else exp.paren(value.copy())

    return tree.transform(put)
