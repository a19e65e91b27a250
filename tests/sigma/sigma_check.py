"""`sigma check` without network: the validators' data comes from a folder.

Runs in the environment of `requirements-pysigma1.txt`:

    python sigma_check.py DATA STYLE FOLDER…

DATA is a folder with the files that the validators otherwise download. STYLE says which findings
are expected of a generator: with ECS names SigmaHQ's lists of fields and log sources do not hold.
What is left is printed as JSON, one finding a line; the exit code is 1 if there is any.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.data import mitre_attack, mitre_d3fend
from sigma.plugins import InstalledSigmaPlugins
from sigma.validation import SigmaValidator
from sigma.validators.sigmahq.data import (
    data_filename,
    data_taxonomy,
    data_windows_eventid,
    data_windows_provider,
)

HERE = Path(__file__).parent
UNAVOIDABLE = {"number_as_string", "escaped_wildcard"}
OF_STYLE = {
    "sigma": {"sigmahq_invalid_fieldname"},  # fields that SigmaHQ's list of a log source lacks
    "ecs": {"sigmahq_invalid_fieldname", "sigmahq_logsource_unknown"},
}


LISTED = {
    ("macos", "network_connection"),
    ("macos", "file_delete"),
    ("linux", "file_delete"),
    ("macos", "process_termination"),
    ("linux", "process_termination"),
    ("windows", "process_termination"),
}
"""Log sources of `tests/logsource.json` of SigmaHQ/sigma that the validator's own list lacks."""


def version_19(data: Path) -> Path:
    """ATT&CK's ids and tactics of version 19: those of the data, less what was replaced, with the two
    tactics into which defense-evasion was parted."""
    table = HERE.parents[1] / "targets" / "eqlx_targets" / "sigma" / "attack.tsv"
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines() if line[0] != "#"]
    new = {row[0].upper() for row in tabbed(data / "attack-v19.tsv") if row[0].startswith("t16")}
    tactics = {name for row in rows for name in row[3].split("; ")} - {""}
    known: dict[str, set[str]] = {name: {"defense-impairment"} for name in new}
    for _, _, heirs, named in rows:
        for heir in heirs.split("; "):
            known[heir.rpartition("=")[2]] = set(named.split("; "))
    stix = json.loads((data / "attack-ids.json").read_text("utf-8"))["objects"]
    kept = [o for o in stix if o.get("x_mitre_shortname") in tactics]
    for number, name in enumerate(sorted({"stealth", "defense-impairment"} & tactics)):
        reference = {"source_name": "mitre-attack", "external_id": f"TA90{number:02d}"}
        kept.append({"type": "x-mitre-tactic", "x_mitre_shortname": name, "external_references": [reference]})  # fmt: skip
    for name, of in known.items():
        phases = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in of]
        reference = {"source_name": "mitre-attack", "external_id": name}
        kept.append({"type": "attack-pattern", "name": name, "kill_chain_phases": phases, "external_references": [reference]})  # fmt: skip
    path = Path(tempfile.mkdtemp()) / "attack-v19.json"
    path.write_text(json.dumps({"objects": kept}), "utf-8")
    return path


def tabbed(path: Path) -> list[list[str]]:
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and line[0] != "#"]


def offline(data: Path) -> None:
    mitre_attack.set_url(str(version_19(data)))
    mitre_d3fend.set_url(str(data / "d3fend-stub.json"))
    data_filename.set_url(str(data / "sigmahq_filename.json"))
    data_taxonomy.set_url(str(data / "sigmahq_taxonomy.json"))
    for module in (data_windows_eventid, data_windows_provider):
        module.set_url(str(data / "sigmahq_windows_validator.json"))
    for module in (mitre_attack, mitre_d3fend, data_filename, data_taxonomy, data_windows_eventid, data_windows_provider):  # fmt: skip
        if hasattr(module, "set_cache_dir"):
            module.set_cache_dir(tempfile.mkdtemp())


def findings(style: str, folders: list[str]):
    validators = InstalledSigmaPlugins.autodiscover().validators
    left_out = UNAVOIDABLE | OF_STYLE[style]
    missing = left_out - validators.keys()
    assert not missing, f"no such validators: {missing}"
    used = [kind for name, kind in validators.items() if name not in left_out]
    rules = SigmaCollection.load_ruleset(folders, collect_errors=True)
    for rule in rules:
        for error in rule.errors:
            yield {"error": str(error), "file": str(rule.source)}
    issues = SigmaValidator(used).validate_rules(iter(rules))
    for issue in issues:
        source = getattr(issue, "logsource", None)
        if source is not None and (source.product, source.category) in LISTED:
            continue
        for rule in issue.rules:
            what = {k: str(v) for k, v in vars(issue).items() if k != "rules"}
            yield {"issue": type(issue).__name__, "file": str(rule.source), **what}
    sys.stderr.write(f"{len(rules)} documents, {len(used)} validators\n")


if __name__ == "__main__":
    offline(Path(sys.argv[1]))
    found = list(findings(sys.argv[2], sys.argv[3:]))
    for finding in found:
        sys.stdout.write(json.dumps(finding) + "\n")
    sys.exit(bool(found))
