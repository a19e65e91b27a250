"""`eqlx fmt` over real rules and their history: the same tree, the same IR, the same comments, and twice is
once. Counts only.

    python benchmarks/formatting.py
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

from eqlx.diagnostics import Report
from eqlx.driver.convert import compile_rule
from eqlx.rulefile.loader import from_query, load
from eqlx.source import Source
from eqlx.syntax.formatting import FormattingError, comment_texts, format_source

DATA = Path(os.environ.get("EQLX_DATA", "../shared/data")) / "corpus"


def formatted(text: str) -> str | None:
    source = Source("query", text)
    return format_source(source, Report(source))


def judge(text: str) -> str:
    """The worst that is found."""
    try:
        made = formatted(text)
    except FormattingError as error:
        return f"WRONG: {error}"
    if made is None:
        return "not valid EQL"
    if formatted(made) != made:
        return "WRONG: twice is not once"
    if comment_texts(made) != comment_texts(text):
        return "WRONG: comments"
    before, after = compile_rule(from_query(text)), compile_rule(from_query(made))
    if before.query != after.query:
        return "WRONG: another IR"
    if before.query is None:
        return "idempotent, comments kept, no IR (an error in types)"
    return "idempotent, comments kept, same IR" + (", changed" if made != text.strip() else "")


def main() -> None:
    rules = [rule.query.text for rule in load([DATA / "rules"]).rules]
    lines = (DATA / "history-valid.jsonl").read_text(encoding="utf-8").splitlines()
    history = [json.loads(line)["query"] for line in lines]
    wrong = 0
    for name, texts in (("rules", rules), ("history", history)):
        counts = Counter(map(judge, texts))
        print(
            f"{name}: {len(texts)} texts, {sum(bool(comment_texts(t)) for t in texts)} with comments"
        )
        for verdict, count in counts.most_common():
            print(f"  {count:5}  {verdict}")
            wrong += count if verdict.startswith("WRONG") else 0
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
