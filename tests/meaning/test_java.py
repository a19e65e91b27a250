"""The room of meaning judged by Java itself: what a double's text is, and what `number()` reads.

The interpreter, the passes and so every proof by execution stand on `eqlx.meaning`; what is wrong there
no comparison of two of them can show. Needs `java`.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path
from random import Random

import pytest

from eqlx.ir.nodes import Case, Function
from eqlx.meaning.functions import call
from eqlx.meaning.values import Failed, text_of
from eqlx_harness.data import LONG

MANY = 200_000 if LONG else 5_000
JUDGE = Path(__file__).with_name("Judge.java")
EDGES = (
    0.0,
    -0.0,
    1e-3,
    9.999e-4,
    1e7,
    9999999.999999998,
    5e-324,
    1.7976931348623157e308,
    1e23,
    0.1,
)
PIECES = ("0x", "0X", "+", "-", "1", "9", "f", "F", "z", "d", "D", ".", "e", "E", " ", "\t", "\x00")
MORE_PIECES = (
    "NaN",
    "Infinity",
    "\u00a0",
    "_",
    "9223372036854775807",
    "4.9E-324",
    "1e400",
    "00",
    "7",
)


def answers(lines: list[str]) -> list[str]:
    java = shutil.which("java")
    if java is None:
        pytest.skip("NOT JUDGED: no `java` here")
    run = subprocess.run(
        [java, str(JUDGE)], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    return run.stdout.splitlines()


def bits(value: float) -> int:
    return int.from_bytes(struct.pack(">d", value), "big")


def double(raw: int) -> float:
    return float(struct.unpack(">d", raw.to_bytes(8, "big"))[0])


def test_the_text_of_doubles() -> None:
    """Java before 19 writes some doubles with a digit too many or another last digit (JDK-4511638): where
    the texts differ, both must be the same number, and ours no longer."""
    random = Random(11)
    numbers = [*EDGES, *(double(random.getrandbits(64)) for _ in range(MANY))]
    numbers += [round(random.uniform(-1e8, 1e8), random.randint(0, 12)) for _ in range(MANY)]
    numbers += [float(f"{random.randint(1, 9999)}e{random.randint(-30, 30)}") for _ in range(MANY)]
    judged = answers([f"d {bits(number)}" for number in numbers])
    longer = 0
    for number, java in zip(numbers, judged, strict=True):
        ours = text_of(number)
        if ours != java:
            longer += 1
            assert float(java) == float(ours) == number, (number, java)
            assert len(ours) <= len(java), (ours, java)
    assert longer < len(numbers) / 50


def ours(source: str, base: int | None) -> str:
    arguments = (source,) if base is None else (source, base)
    try:
        value = call(Function.NUMBER, arguments, Case.SENSITIVE)
    except Failed:
        return "fails"
    return f"long {value}" if isinstance(value, int) else f"double {bits(float(str(value)))}"


def test_the_numbers_of_texts() -> None:
    random = Random(12)
    cases: list[tuple[str, int | None]] = []
    for _ in range(MANY):
        pieces = random.choices((*PIECES, *MORE_PIECES), k=random.randint(0, 5))
        base = random.choice((None, None, None, 0, 1, 2, 8, 10, 10, 16, 36, 37))
        cases.append(("".join(pieces), base))
    lines = [
        f"n {'-' if base is None else base} {source.encode('utf-16-be').hex()}"
        for source, base in cases
    ]
    judged = answers(lines)
    differing = [
        (case, java, ours(*case))
        for case, java in zip(cases, judged, strict=True)
        if java != ours(*case)
    ]
    assert not differing, differing[:5]
    assert sum(java != "fails" for java in judged) > MANY / 20


def test_digits_are_ascii() -> None:
    """Here eqlx departs from Java on purpose (issue 11 §2): `Long.parseLong` also reads the digits of
    other scripts, which no engine's regular expressions do; they are no numbers, as junk is none."""
    assert answers(["n - 0663"]) == ["long 3"]
    assert ours("\u0663", None) == "fails"
