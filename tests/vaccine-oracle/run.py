#!/usr/bin/env python3
"""Runs the oracle: against the program on random histories, or against its own cases."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from oracle.child import History, Person, Record
from oracle.compare import Difference, compare, word
from oracle.engine import plan, warnings
from oracle.histories import history
from oracle.program import Program, Refused
from oracle.row import Row
from oracle.verdicts import compare_history

HERE = Path(__file__).resolve().parent


def spell(asked: History) -> str:
    """A history in one line."""
    person = asked.person
    who = f"born {person.born}" if person.born else f"due {person.due}"
    given = " ".join(f"{r.product}@{r.on}" for r in sorted(asked.records)) or "nothing given"
    return f"{who} {person.sex} today {asked.today}: {given}"


def read_case(case: dict[str, object]) -> History:
    """A case of cases.json as a history."""
    born, due = case.get("born"), case.get("due")
    records = tuple(
        Record(date.fromisoformat(on), product)
        for product, on in (item.split("@") for item in str(case["given"]).split())
    )
    person = Person(date.fromisoformat(str(born)) if born else None, str(case.get("sex", "female")),
                    date.fromisoformat(str(due)) if due else None, bool(case.get("carrier_mother", False)))
    return History(person, records, date.fromisoformat(str(case["today"])))


def mistakes(row: Row | None, expect: dict[str, object]) -> list[str]:
    """What a row gets wrong of what a case expects."""
    if row is None:
        return [] if expect.get("status") == "absent" else ["no row"]
    wrong = []
    if "status" in expect:
        wanted = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
        if word(row.status) not in {word(w) for w in wanted}:
            wrong.append(f"status {row.status}, expected {wanted}")
    if expect.get("not") and word(row.status) == word(expect["not"]):
        wrong.append(f"status {row.status} is just what must not be")
    for name in ("dose", "earliest", "last_routine_day", "standard_from", "standard_to", "path"):
        if name in expect and str(getattr(row, name)) != str(expect[name]):
            wrong.append(f"{name} {getattr(row, name)}, expected {expect[name]}")
    return wrong


def self_test() -> int:
    """The oracle against the cases, each with its source."""
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        asked = read_case(case)
        row = {r.series: r for r in plan(asked)}.get(case["series"])
        wrong = mistakes(row, case["expect"])
        wrong += [f"no warning {w}" for w in case.get("warns", []) if w not in {c for c, _ in warnings(asked)}]
        if wrong:
            failed += 1
            print(f"{case['id']} {case['series']}: {'; '.join(wrong)} [{spell(asked)}]")
    print(f"self test: {len(cases) - failed} of {len(cases)} cases hold")
    return 1 if failed else 0


def differences(program: Program, asked: History, handbook: bool) -> list[Difference]:
    """Asks both, now and then through a handbook too; a refusal is right where a record cannot be true."""
    try:
        rows = program.plan(asked)
    except Refused as refusal:
        impossible = asked.impossible(*{r.product for r in asked.records})
        return [] if impossible else [Difference("refused", "-", 0, "plan", "answers", str(refusal)[:120])]
    found = compare(asked, rows)
    if handbook and asked.person.born and not asked.impossible(*{r.product for r in asked.records}):
        found += compare_history(asked, program.history(asked))
    return found


def run(binary: str, seed: int, count: int, start: int, quiet: bool, handbooks: int) -> int:
    """Compares `count` histories; 1 if a difference is not explained."""
    explained = {e["kind"] for e in json.loads((HERE / "explained.json").read_text(encoding="utf-8"))}
    program, began = Program(binary), time.monotonic()
    kinds: Counter[str] = Counter()
    example: dict[str, tuple[int, int, History, Difference]] = {}
    print(f"seed {seed}, histories {start} to {start + count - 1}")

    def ask(number: int) -> tuple[int, History, list[Difference]]:
        asked = history(seed, number)
        return number, asked, differences(program, asked, bool(handbooks) and number % handbooks == 0)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        for number, asked, found in workers.map(ask, range(start, start + count)):
            for one in found:
                kinds[one.kind] += 1
                known = example.get(one.kind)
                if known is None or len(asked.records) < known[0]:
                    example[one.kind] = (len(asked.records), number, asked, one)
                if not quiet:
                    print(f"{seed} {number} {one.series}/{one.dose} {one.field}: oracle {one.oracle}, "
                          f"program {one.program} | {spell(asked)}")
    open_kinds = report(kinds, example, explained)
    print(f"{count} histories in {time.monotonic() - began:.0f} s; {sum(kinds.values())} differences of "
          f"{len(kinds)} kinds, {open_kinds} kinds not explained")
    return 1 if open_kinds else 0


def report(kinds: Counter[str], example: dict[str, tuple[int, int, History, Difference]],
           explained: set[str]) -> int:
    """Prints each kind with its count and its shortest history."""
    for kind, times in kinds.most_common():
        _, number, asked, one = example[kind]
        mark = "explained" if kind in explained else "OPEN"
        print(f"{times:6} {mark} {kind}: history {number}, {one.field} oracle {one.oracle}, "
              f"program {one.program} | {spell(asked)}")
    return sum(1 for kind in kinds if kind not in explained)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", help="path of the built ayumi")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--from", dest="start", type=int, default=0, help="number of the first history")
    parser.add_argument("--quiet", action="store_true", help="only the counts, each kind with one example")
    parser.add_argument("--handbooks", type=int, default=0, metavar="N", help="every Nth also through a handbook")
    parser.add_argument("--self-test", action="store_true", help="the oracle against cases.json")
    asked = parser.parse_args()
    if asked.self_test:
        return self_test()
    if not asked.program:
        parser.error("--program PATH or --self-test")
    return run(asked.program, asked.seed, asked.histories, asked.start, asked.quiet, asked.handbooks)


if __name__ == "__main__":
    sys.exit(main())
