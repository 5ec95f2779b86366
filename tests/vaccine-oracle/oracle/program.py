"""Asks the program: the `vaccine plan` command, one process a history."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from .child import History
from .compare import ProgramRow


class Refused(Exception):
    """The program did not take the input; its message says why."""


class Program:
    """One built `ayumi`, with a scratch folder of its own."""

    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.scratch = tempfile.TemporaryDirectory(prefix="vaccine-oracle-")

    def mine(self, name: str) -> Path:
        """A path that only the asking thread uses."""
        return Path(self.scratch.name) / f"{name}-{threading.get_ident()}"

    def command(self, history: History, given: Path) -> list[str]:
        person = history.person
        words = [self.binary, "--home", str(self.mine("home")), "--json",
                 "--today", history.today.isoformat(), "vaccine", "plan"]
        if person.born:
            words += ["--born", person.born.isoformat(), "--sex", person.sex]
        if person.due:
            words += ["--due", person.due.isoformat()]
        return [*words, "--given", str(given)]

    def call(self, *words: str) -> object:
        """Runs one command and reads its JSON."""
        command = [self.binary, "--home", str(self.mine("handbook")), "--json", *words]
        key = {"AYUMI_KEY": "00" * 32, "PATH": os.environ.get("PATH", "")}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=key)
        if done.returncode:
            raise Refused(done.stderr.strip() or f"exit {done.returncode}")
        return json.loads(done.stdout)

    def history(self, history: History) -> list[ProgramRow]:
        """Writes the records into a fresh handbook and asks how each is judged."""
        person = history.person
        shutil.rmtree(self.mine("handbook"), ignore_errors=True)
        today = ("--today", history.today.isoformat())
        self.call(*today, "init", "--carer", "oracle")
        made = self.call(*today, "notebook", "add", "child", "--name", "oracle", "--sex", person.sex,
                         "--born", str(person.born))
        assert isinstance(made, dict)
        book = str(made["id"])
        for record in sorted(set(history.records)):
            self.call(*today, "entry", "add", book, "immunisation",
                      "--on", record.on.isoformat(), f"vaccine={record.product}")
        rows = self.call(*today, "vaccine", "history", book)
        assert isinstance(rows, list)
        return rows

    def plan(self, history: History) -> list[ProgramRow]:
        """The program's rows for a history."""
        records = [{"product": r.product, "on": r.on.isoformat()} for r in history.records]
        given = self.mine("given.json")
        given.write_text(json.dumps(records), encoding="utf-8")
        done = subprocess.run(self.command(history, given), capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Refused(done.stderr.strip() or f"exit {done.returncode}")
        rows: list[ProgramRow] = json.loads(done.stdout)
        return rows
