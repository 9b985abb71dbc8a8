#!/usr/bin/env python3
"""Fills a bench clinic's database with letters and tasks, and reads the console's pages as colleagues would.

usage: console_load.py fill DATABASE LETTERS TASKS
       console_load.py read ACCOUNT.json CONSOLE_PORT PUBLIC_PORT READERS SECONDS
"""

import base64
import collections
import contextlib
import hashlib
import hmac
import http.client
import json
import re
import sqlite3
import struct
import sys
import threading
import time
import urllib.parse

PAGES = ["/", "/alerts", "/tasks", "/patients", "/patients?after=B00050000", "/protocols", "/ledger", "/audit", "/letters",
         "/reports", "/reports/overdue", "/what-if", "/settings", "/start"]
DAY = 86_400_000


def fill(database: str, letters: int, tasks: int) -> None:
    """Letters that left on the days before today, and tasks due around today, spread over all patients."""
    now = int(time.time() * 1000)
    with sqlite3.connect(database) as db:
        # Nobody else works with it, and one that breaks half-way is thrown away.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = OFF")
        patients = db.execute("SELECT count(*) FROM patient").fetchone()[0]
        with without_indexes(db):
            db.execute(
                "WITH RECURSIVE whom (number, id) AS (SELECT row_number() OVER (ORDER BY id) - 1, id FROM patient),"
                " day (back, at, local_on) AS (SELECT 2, :now - 2 * :day, date('now', 'localtime', '-2 days')"
                "  UNION ALL SELECT back + 1, at - :day, date(local_on, '-1 day') FROM day WHERE (back - 1) * :patients < :letters)"
                " INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, expires_at, attempt, message_id,"
                "  created_at, first_tried_at, ended_at)"
                " SELECT 'patient', 'reminders', id, local_on, 50, 'sent', at + 30 * :day, 1,"
                "  '<bench.' || ((back - 2) * :patients + number) || '@bench.example>', at, at, at FROM day CROSS JOIN whom"
                " WHERE (back - 2) * :patients + number < :letters",
                {"now": now, "day": DAY, "patients": patients, "letters": letters})
        kinds = ["silent", "not-booked", "missed", "letter-failed"]
        ids = [row[0] for row in db.execute("SELECT id FROM patient ORDER BY id")] if tasks else []
        db.executemany(
            "INSERT INTO task (kind, cause, patient_id, reason, opened_at, due_at, state) VALUES (?, ?, ?, ?, ?, ?, 'open')",
            ((kinds[n % 4], f"bench/{n}", ids[n % len(ids)], "made for a measurement", now - DAY,
              now + (n % 14 - 4) * DAY) for n in range(tasks)))
        db.commit()
        db.execute("PRAGMA journal_mode = WAL")
    print(f"{patients} patients, {letters} letters, {tasks} tasks")


@contextlib.contextmanager
def without_indexes(db: sqlite3.Connection):
    """The table of letters without what each new row of it would have to keep: made again at the end, in one go."""
    kept = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'delivery' AND sql IS NOT NULL AND"
                      " (type = 'index' OR (type = 'trigger' AND sql LIKE '%AFTER INSERT%'))").fetchall()
    for kind, name, _ in kept:
        db.execute(f"DROP {kind} {name}")
    yield
    db.execute("DELETE FROM letter_count")
    db.execute("INSERT INTO letter_count (purpose, fate, letters) SELECT purpose, state, count(*) FROM delivery"
               " WHERE state <> 'pending' AND state <> 'claimed' GROUP BY purpose, state")
    for _, _, sql in kept:
        db.execute(sql)


def code(secret: str) -> str:
    """The six digits of RFC 6238 for now."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(account: dict, port: int) -> str:
    """The cookies of a session."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    form = urllib.parse.urlencode({"name": account["name"], "password": account["password"],
                                   "code": code(account["totp_secret"]), "to": "/"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    line.request("POST", "/sign-in", form, headers)
    reply = line.getresponse()
    reply.read()
    if reply.status not in (302, 303):
        sys.exit(f"nobody could sign in: {reply.status}")
    return "; ".join(value.split(";")[0] for name, value in reply.getheaders() if name.lower() == "set-cookie")


class Readings:
    """Milliseconds and sizes by page, from all readers."""

    def __init__(self) -> None:
        self.took = collections.defaultdict(list)
        self.size = {}
        self.status = collections.Counter()

    def note(self, page: str, took: float, status: int, size: int) -> None:
        self.took[page].append(took)
        self.size[page] = max(size, self.size.get(page, 0))
        self.status[page, status] += 1


def read_pages(port: int, cookie: str, pages: list, until: float, readings: Readings) -> None:
    """One reader: every page in turn, over one connection, until time is over. A patient comes ten times a second."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        for page in pages:
            begun = time.monotonic()
            try:
                line.request("GET", page, headers={"Cookie": cookie} if cookie else {})
                reply = line.getresponse()
                status, size = reply.status, len(reply.read())
            except (OSError, http.client.HTTPException):
                # No answer is a bad one, and the next is asked for over a new connection.
                status, size = 0, 0
                line.close()
            readings.note(page, (time.monotonic() - begun) * 1000, status, size)
            time.sleep(0 if cookie else 0.1)


def pages_of(port: int, cookie: str) -> list:
    """The pages, and one patient's and one task's."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    pages = []
    for page in PAGES:
        line.request("GET", page, headers={"Cookie": cookie})
        reply = line.getresponse()
        body = reply.read().decode()
        if reply.status == 404 and "after=" in page:
            print(f"{page} is left out: the clinic is smaller")
            continue
        if reply.status != 200:
            sys.exit(f"{page} is answered with {reply.status}")
        pages.append(page)
        for kind in ("/patients/", "/tasks/"):
            found = re.search(f'href="({kind}[^"?#]+)"', body)
            if found and not any(page.startswith(kind) for page in pages):
                pages.append(found.group(1))
    return pages


def read(account_file: str, console: int, public: int, readers: int, seconds: float) -> None:
    """Reads, and prints a line a page."""
    with open(account_file, encoding="utf-8") as file:
        cookie = sign_in(json.load(file), console)
    pages, readings, until = pages_of(console, cookie), Readings(), time.monotonic() + seconds
    jobs = [(console, cookie, pages)] * readers + [(public, "", ["/help"])]
    threads = [threading.Thread(target=read_pages, args=(*job, until, readings)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{readers} readers, {seconds:.0f} s; times as the reader sees them")
    for page in [*pages, "/help"]:
        took = sorted(readings.took[page])
        if not took:
            print(f"{page:<28} was not reached in time")
            continue
        middle, late = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
        bad = sum(n for (of, status), n in readings.status.items() if of == page and status != 200)
        print(f"{page:<28} p50 {middle:7.1f} ms   p99 {late:7.1f} ms   {readings.size[page] / 1000:7.1f} kB   "
              f"{len(took)} times{f', {bad} NOT 200' if bad else ''}")
    if any(status != 200 for _, status in readings.status):
        sys.exit("not every page was answered")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", database, letters, tasks]:
            fill(database, int(letters), int(tasks))
        case ["read", account_file, console, public, readers, seconds]:
            read(account_file, int(console), int(public), int(readers), float(seconds))
        case _:
            sys.exit(__doc__)
