#!/usr/bin/env python3
"""Writes synthetic patients as CSV for `aftercare import`. Nobody here exists; the same seed gives the same file."""

import argparse
import csv
import datetime
import random
import sys

COLUMNS = ["reference", "preferred_name", "birth_date", "email", "language", "time_zone", "protocol", "anchor_on"]
NAMES = ["Ada", "Berta", "Carla", "Dora", "Elena", "Fatima", "Grace", "Hana", "Inés", "Jun", "Kemi", "Lucía", "Mai", "Noor"]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--count", type=int, required=True)
    ask.add_argument("--anchor", required=True, help="anchor date of the first patient, YYYY-MM-DD")
    ask.add_argument("--spread", type=int, default=1, help="anchors lie on so many days, backwards")
    ask.add_argument("--protocol", default="bench")
    ask.add_argument("--zone", action="append", help="IANA zone; may be given often (default UTC)")
    ask.add_argument("--first", type=int, default=1, help="number of the first patient")
    ask.add_argument("--seed", type=int, default=1)
    options = ask.parse_args()

    chance = random.Random(options.seed)
    zones = options.zone or ["UTC"]
    anchor = datetime.date.fromisoformat(options.anchor)
    out = csv.writer(sys.stdout, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for number in range(options.first, options.first + options.count):
        born = datetime.date(1940, 1, 1) + datetime.timedelta(days=chance.randrange(20_000))
        begun = anchor - datetime.timedelta(days=chance.randrange(options.spread))
        out.writerow([
            f"B{number:08d}", chance.choice(NAMES), born, f"p{number:08d}@patients.example",
            chance.choice(["en", "es"]), chance.choice(zones), options.protocol, begun,
        ])


if __name__ == "__main__":
    main()
