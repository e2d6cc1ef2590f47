"""The state of a fleet: an SQLite file with what was found out about each key at each check. It holds no key.

    run      one check: when and where it was, what was asked, how it ended
    key      one installation: the key's fingerprint, its name, its page's id, the last check that had it in its list
    result   what a check found out about a key; unsettled until it was asked once more, if that is needed

Every result is a transaction of its own, and the file is in SQLite's WAL mode: a process that is killed at any moment
loses nothing that it had stored, and a report can be made meanwhile.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import InputProblem, NoKey
from mcapp.keys import private_files
from mcapp.scopes.report import KEY_VERDICTS, WORKING
from mcapp.terminal.console import visible

COMPLETE = "complete"  # how a run ended; anything else is why it ended early, and nothing if it was killed

_FORM = 0x6D636170  # "mcap", in the file's head
_VERSION = 1
_SCHEMA = (
    """CREATE TABLE run (id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, started TEXT NOT NULL, how TEXT NOT NULL,
    place TEXT NOT NULL, base_url TEXT NOT NULL, expected TEXT NOT NULL, writes INTEGER NOT NULL,
    shard TEXT NOT NULL)""",
    """CREATE TABLE key (fingerprint TEXT PRIMARY KEY, name TEXT NOT NULL, page_id TEXT NOT NULL, seen INTEGER NOT NULL)
    WITHOUT ROWID""",
    """CREATE TABLE result (fingerprint TEXT NOT NULL, run INTEGER NOT NULL, at TEXT NOT NULL, settled INTEGER NOT NULL,
    verdict TEXT NOT NULL, status INTEGER, granted TEXT NOT NULL, denied TEXT NOT NULL, undecided TEXT NOT NULL,
    PRIMARY KEY (fingerprint, run)) WITHOUT ROWID""",
)

_RESULT = "verdict, settled, status, granted, denied, undecided, at"

# Takes over the runs, the keys and the results of `other`: runs are known by their uid, newer results win.
_MERGE = (
    """INSERT INTO run SELECT NULL, uid, started, how, place, base_url, expected, writes, shard FROM other.run
    WHERE true ON CONFLICT (uid) DO UPDATE SET how = excluded.how WHERE excluded.how <> ''""",
    """CREATE TEMP TABLE same AS SELECT theirs.id AS old, ours.id AS new
    FROM other.run AS theirs JOIN main.run AS ours USING (uid)""",
    """INSERT INTO key SELECT fingerprint, name, page_id, new FROM other.key JOIN same ON seen = old WHERE true
    ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, page_id = excluded.page_id, seen = excluded.seen
    WHERE (SELECT started FROM main.run WHERE id = excluded.seen) >= (SELECT started FROM main.run WHERE id = key.seen)
    """,
    """INSERT INTO result SELECT fingerprint, new, at, settled, verdict, status, granted, denied, undecided
    FROM other.result JOIN same ON run = old WHERE true
    ON CONFLICT (fingerprint, run) DO UPDATE SET at = excluded.at, settled = excluded.settled,
    verdict = excluded.verdict, status = excluded.status, granted = excluded.granted, denied = excluded.denied,
    undecided = excluded.undecided WHERE excluded.settled >= settled AND excluded.at >= at""",
    "DROP TABLE same",
)


class Asked(NamedTuple):
    """What a run asks, and where. `place` is the host, the same for every port of this machine; `shard` is "1/1"."""

    place: str
    base_url: str
    expected: tuple[str, ...] = ()
    writes: bool = False
    shard: str = "1/1"


class Run(NamedTuple):
    """One check. `started` is UTC (ISO 8601)."""

    id: int
    started: str
    how: str
    asked: Asked


class Found(NamedTuple):
    """What a run found out about a key; `status` is that of the answer to the key check, None if none came."""

    verdict: str
    settled: bool = True
    status: int | None = None
    granted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    at: str = ""


class Installation(NamedTuple):
    """A key as the state knows it: by the first sixteen digits of its SHA-256."""

    fingerprint: str
    name: str = ""
    page_id: str = ""


def moment(ago: timedelta = timedelta()) -> str:
    """The time so long ago, as every time in the state: `2026-11-27T10:00:00Z`."""
    return f"{(datetime.now(UTC) - ago).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


class State:
    """The open file, made by `opened`. Every method raises InputProblem if it is damaged or cannot be used."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._errors():
            self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)

    def prepare(self, *, write: bool) -> None:
        """To `write`, make an empty file a state. Raises InputProblem unless it is one, and nothing else is in it."""
        self._all("PRAGMA trusted_schema = OFF")
        if write and not self._all("SELECT 1 FROM sqlite_master"):
            with self._transaction():
                for statement in (*_SCHEMA, f"PRAGMA application_id = {_FORM}", f"PRAGMA user_version = {_VERSION}"):
                    self._all(statement)
        tables = {row[0] for row in self._all("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        if self._all("PRAGMA application_id")[0][0] != _FORM or tables != set(_SCHEMA):
            newer = self._all("PRAGMA user_version")[0][0] > _VERSION
            raise _unusable(self.path, "a newer mcapp wrote it" if newer else "it is not the state of a fleet")
        if write:
            self._all("PRAGMA journal_mode = WAL")
            self._all("PRAGMA synchronous = NORMAL")  # a commit waits for no disk; power that fails costs the last ones

    def begin(self, asked: Asked) -> Run:
        """A new run."""
        started = moment()
        place, base_url, expected, writes, shard = asked
        rows = self._all(
            "INSERT INTO run VALUES (NULL, ?, ?, '', ?, ?, ?, ?, ?) RETURNING id",
            *(token_hex(8), started, place, base_url, json.dumps(expected), writes, shard),
        )
        return Run(rows[0][0], started, "", asked)

    def finish(self, run: Run, how: str) -> None:
        """Note how a run ended."""
        self._all("UPDATE run SET how = ? WHERE id = ?", how, run.id)

    def last_runs(self) -> tuple[Run, ...]:
        """The last run, and the last ones of the other shards of the same division; none before the first."""
        query = """SELECT id, started, how, place, base_url, expected, writes, shard FROM run
            ORDER BY started DESC, id DESC"""
        with self._errors():
            runs = [
                Run(number, _text(started), how, Asked(place, base_url, _scopes(expected), bool(writes), shard))
                for number, started, how, place, base_url, expected, writes, shard in self.connection.execute(query)
            ]
        last: dict[str, Run] = {}
        for run in runs:
            same = run.asked.place == runs[0].asked.place
            if same and run.asked.shard.partition("/")[2] == runs[0].asked.shard.partition("/")[2]:
                last.setdefault(run.asked.shard, run)
        return tuple(last.values())

    def store(self, run: Run, key: Installation, found: Found) -> None:
        """Keep what was found out about a key, in place of what this run found before."""
        with self._transaction():
            self.see(run, key)
            self._all(
                "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(key.fingerprint, run.id, moment(), found.settled, found.verdict, found.status),
                *map(json.dumps, (found.granted, found.denied, found.undecided)),
            )

    def see(self, run: Run, key: Installation) -> None:
        """Note that a key is in the run's list."""
        self._all("INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?)", *key, run.id)

    def found(self, run: Run, fingerprint: str) -> Found | None:
        """What this run has stored about a key."""
        return self._result("WHERE fingerprint = ? AND run = ?", fingerprint, run.id)

    def settled_since(self, run: Run, fingerprint: str, since: str) -> Found | None:
        """The last settled result of a key at the same place, if it is not older than `since`."""
        where = "JOIN run ON run = id WHERE fingerprint = ? AND at >= ? AND settled AND place = ? ORDER BY at DESC"
        return self._result(where, fingerprint, since, run.asked.place)

    def _result(self, where: str, *values: Any) -> Found | None:
        rows = self._all(f"SELECT {_RESULT} FROM result {where}", *values)  # noqa: S608  # constants of this module
        with self._errors():
            return _found(rows[0]) if rows else None

    def last_worked(self, run: Run) -> int | None:
        """How many seconds ago this run found a key that works; None if it has not."""
        query = "SELECT strftime('%s', 'now') - strftime('%s', max(at)) FROM result WHERE run = ? AND verdict = ?"
        age: int | None = self._all(query, run.id, WORKING)[0][0]
        return age

    def unsettled(self, run: Run) -> int:
        """How many keys this run has to ask once more."""
        return int(self._all("SELECT count(*) FROM result WHERE run = ? AND NOT settled", run.id)[0][0])

    def histories(self, runs: tuple[Run, ...]) -> Iterator[tuple[Installation, list[Found]]]:
        """Every key that was in the lists of `runs`, with its results at that place, the newest first."""
        query = f"""SELECT fingerprint, name, page_id, {_RESULT} FROM key JOIN result USING (fingerprint)
            JOIN run ON run = run.id WHERE place = ? AND seen IN ({", ".join("?" * len(runs))})
            ORDER BY fingerprint, at DESC, started DESC, run.id DESC"""  # noqa: S608  # the constant, question marks
        with self._errors():
            rows = self.connection.execute(query, (runs[0].asked.place, *(run.id for run in runs)))
            for key, group in groupby(rows, key=lambda row: row[:3]):
                yield Installation(*(visible(str(text)) for text in key)), [_found(row[3:]) for row in group]

    def merge(self, path: str) -> int:
        """Take over what another state has; how many keys it has. Taking the same one over twice changes nothing."""
        with opened(path, write=False):
            self._all("ATTACH ? AS other", path)
        try:
            with self._transaction():
                for statement in _MERGE:
                    self._all(statement)
            return int(self._all("SELECT count(*) FROM other.key")[0][0])
        finally:
            self._all("DETACH other")

    def _all(self, query: str, *values: Any) -> list[Any]:
        """The rows of the answer. What a single statement writes is a transaction of its own."""
        with self._errors():
            return self.connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors(), self.connection:  # which commits, or rolls back
            self._all("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
            reason = str(error) if isinstance(error, sqlite3.OperationalError) else "it is damaged, or not mcapp's"
            raise _unusable(self.path, reason) from None


def _found(row: Any) -> Found:
    """A stored result. Raises ValueError for what no check has stored."""
    verdict, settled, status, granted, denied, undecided, at = row
    if verdict not in KEY_VERDICTS or not isinstance(status, int | None):
        raise ValueError
    return Found(verdict, bool(settled), status, _scopes(granted), _scopes(denied), _scopes(undecided), _text(at))


@lru_cache(maxsize=1000)  # most keys have the same
def _scopes(text: str) -> tuple[str, ...]:
    return tuple(map(_text, json.loads(text)))


def _text(stored: object) -> str:
    """A time or a scope. Raises ValueError for anything else."""
    if not isinstance(stored, str) or not stored.isascii() or not stored.isprintable():
        raise ValueError
    return stored


def _unusable(path: str, reason: str) -> InputProblem:
    return InputProblem(
        f"{path} cannot be used: {reason}", hint="name another file: --state FILE", code="state", path=path
    )


@contextmanager
def opened(path: str, *, write: bool) -> Iterator[State]:
    """The state in the file `path`; to `write` it is made if it is missing, private, and locked against other writers.

    Raises InputProblem for a file that is missing, unsafe, in use or not a state.
    """
    with ExitStack() as stack:
        try:
            if write:
                if not files.exists(path):
                    files.write(path, b"", private=True, replace=False)
                private_files.exists(Path(path))  # owner and mode
                stack.enter_context(private_files.hold(Path(f"{path}-lock"), path, wait=0.0))
            else:
                files.read(path, most=16, cut=True, name=f"the state {path}")  # a regular file that can be read
        except private_files.StoreBusy:
            hint = "wait for it or end it, or name another file: --state FILE"
            raise InputProblem(f"another mcapp fleet uses {path}", hint=hint, code="busy", path=path) from None
        except NoKey as error:  # a file that others could read or have put there: no matter of keys here
            raise InputProblem(error.message, hint=error.hint, code=error.code, path=error.path) from None
        except InputProblem as error:
            if error.code == "missing":
                error.hint = "mcapp fleet check writes it"
            raise
        state = State(path)
        stack.callback(state.connection.close)
        state.prepare(write=write)
        yield state
