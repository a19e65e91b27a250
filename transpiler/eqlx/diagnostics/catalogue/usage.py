"""Diagnostics about how a command was used: arguments, options, files to read and to write."""

from __future__ import annotations

from collections.abc import Sequence

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity


@entry("usage", Severity.ERROR)
def usage(message: str, hint: str) -> Body:
    """The command line is not one that the command understands.

    Every command shows its options and an example.

        eqlx convert --help
    """
    return Body(message, help=hint)


@entry("no-rules", Severity.ERROR)
def no_rules(places: tuple[str, ...]) -> Body:
    """There is nothing to work on: no rule was named, or none was found in what was named.

    Name rule files or folders, `-` for standard input, or give a query.

        eqlx convert rules --to sql
        eqlx convert --query 'process where process.name : "cmd.exe"' --to sql
    """
    if not places:
        return Body("no rules given", help="name a rule file, a folder or `-`, or use `--query`")
    return Body(
        f"no EQL rules in {', '.join(f'`{place}`' for place in places)}",
        help="name a rule file or a folder that holds rules of type `eql`",
    )


@entry("cannot-write", Severity.ERROR)
def cannot_write(path: str, cause: str) -> Body:
    """A file that was to be written cannot be.

    Files are written whole or not at all; other files of the batch are not affected.

    Example: `permission denied`; choose a folder of your own with `-d DIR`.
    """
    return Body(f"cannot write `{path}`: {cause}")


@entry("cannot-read", Severity.ERROR)
def cannot_read(path: str, cause: str) -> Body:
    """A file that was named on the command line cannot be read.

    The reason is the operating system's own.

    Example: `eqlx check rules --schema fields.txt` where there is no `fields.txt`.
    """
    return Body(f"cannot read `{path}`: {cause}")


@entry("not-formatted", Severity.ERROR)
def not_formatted(reason: str) -> Body:
    """`eqlx fmt` leaves a file as it is, since its query cannot be replaced safely.

    A query is replaced only where its place in the file is known and the new string is proved to be the
    same query with the same comments. A query in an inline table of TOML has no known place: write it
    under a header `[rule]`.

        eqlx fmt --diff rules
    """
    return Body(
        f"the file is not formatted: {reason}",
        help="`eqlx fmt -q QUERY` prints the canonical form of a query",
    )


@entry("broken-baseline", Severity.ERROR)
def broken_baseline(reason: str) -> Body:
    """The file of `--baseline` is not one that `eqlx check --write-baseline` wrote.

    A baseline is JSON: its version, and a list of findings with rule, slug and message.

        eqlx check rules --write-baseline baseline.json
    """
    return Body(
        f"the baseline cannot be used: {reason}",
        help="write a new one with `eqlx check RULES --write-baseline FILE`",
    )


@entry("stale-baseline", Severity.NOTE)
def stale_baseline(gone: int) -> Body:
    """The baseline lists findings that no rule has any more.

    They were mended, or their rules were removed or not checked. While they are listed, the same faults
    would be left out if they came back.

        eqlx check rules --write-baseline baseline.json
    """
    verb = "finding that no rule has" if gone == 1 else "findings that no rule has"
    return Body(
        f"the baseline lists {gone} {verb} any more",
        help="write it again with `--write-baseline`",
    )


@entry("unknown-slug", Severity.ERROR)
def unknown_slug(slug: str, nearest: str | None) -> Body:
    """There is no diagnostic of that name.

    The name is in brackets after the severity: `error[unknown-field]`.

        eqlx explain unknown-field
    """
    if nearest is not None:
        return Body(f"there is no diagnostic `{slug}`", help=f"did you mean `{nearest}`?")
    return Body(f"there is no diagnostic `{slug}`", help="`eqlx explain --list` lists all of them")


@entry("unknown-stage", Severity.ERROR)
def unknown_stage(stage: str, known: tuple[str, ...], nearest: str | None) -> Body:
    """There is no stage of that name between a rule and its artifact.

    The stages are `surface`, `lowered`, one after each pass by the pass's name, `ir` (after all
    passes) and `target`.

        eqlx dump --stage ir rule.toml
    """
    listed = f"known stages: {', '.join(known)}"
    tip = f"did you mean `{nearest}`? {listed}" if nearest is not None else listed
    return Body(f"there is no stage `{stage}`", help=tip)


@entry("one-artifact-file", Severity.ERROR)
def one_artifact_file(rules: int) -> Body:
    """`-o FILE` holds one artifact, and there is more than one rule.

    With `-d DIR` each rule gets a file of its own.

        eqlx convert rules --to sql -d out
    """
    return Body(
        f"`-o` takes one rule, found {rules}", help="use `-d DIR` to write one file for each rule"
    )


@entry("worker-died", Severity.WARNING)
def worker_died(rule: str, cause: str) -> Body:
    """A worker process died while it had a rule in hand; the rule was done again in a new process.

    As a rule the system ended it for want of memory. Nothing is missing from the results: what the
    process had given back before stands, and the rest of its rules went to others. With fewer workers
    (`-j 1`) there is more memory for each.

        eqlx verify rules -j 1
    """
    return Body(
        f"a worker process died ({cause}) with rule `{rule}` in hand, which was done again",
        help="if the system ended it for want of memory, take fewer workers: `-j 1`",
    )


@entry("rule-ends-worker", Severity.ERROR)
def rule_ends_worker(rule: str, cause: str) -> Body:
    """Two worker processes, one after the other, died on one rule; the other rules went on.

    The rule takes more memory than there is, or it brings out a bug in a native library or in a
    plug-in. With one worker (`-j 1`) there is more memory; a bug would then end the command.

        eqlx verify rules/large.toml -j 1
    """
    return Body(
        f"rule `{rule}` ended the worker process that had it ({cause}), twice",
        help="try it alone: `-j 1`",
    )


@entry("interrupted", Severity.ERROR)
def interrupted(done: int, total: int, verb: str, kept: str) -> Body:
    """The command was ended before its time, by Ctrl-C or by a signal (SIGTERM, SIGHUP).

    The results so far were given, and files that were written stay; the numbers say what is missing.
    Temporary files, and the temporary index on a cluster, were removed. The exit code is 130.

        eqlx convert rules --to sql -d out
    """
    rules = "rule" if total == 1 else "rules"
    return Body(f"interrupted: {done} of {total} {rules} {verb}, {total - done} not", notes=(kept,))


@entry("crash", Severity.ERROR)
def crash(cause: str, place: str) -> Body:
    """A bug of eqlx ended the command.

    Bugs that one rule brings out cost that rule alone (`internal-error`); this one was outside of
    any rule. Please report it with the command line. `EQLX_DEBUG=1` shows the traceback.

        EQLX_DEBUG=1 eqlx check rules
    """
    return Body(
        f"internal error: {cause}",
        notes=(f"in {place}",),
        help="this is a bug in eqlx: please report it with the command line",
    )


_NAMED = 5
"""So many files are named; of more, their number."""


@entry("stale-files", Severity.WARNING)
def stale_files(folder: str, names: Sequence[str], *, removed: bool) -> Body:
    """A folder holds artifacts of an earlier run that this run did not write.

    Their rules were removed, renamed or refused; whoever deploys the folder still deploys the old
    artifacts. `eqlx convert -d DIR` keeps a record of what it wrote (`.eqlx-manifest.json`);
    `--prune` removes the files of that record which this run did not write. A file that was changed
    since then is neither named nor removed.

        eqlx convert rules --to sql -d out --prune
    """
    listed = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    if removed:
        return Body(f"removed from `{folder}` what earlier runs had left: {listed}{more}")
    return Body(
        f"`{folder}` holds files of earlier runs that this run did not write: {listed}{more}",
        help="remove them with `--prune`",
    )
