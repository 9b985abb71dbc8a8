"""Loads the dashboard with Grafana's own SDK and writes what it asks as recording rules, for promtool to parse.

What the SDK does not know it drops: a dashboard that comes back as it went in has nothing that Grafana would not read.
usage: dashboard.py DASHBOARD.json
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(before, after, at="dashboard"):
    """The places of what went in and did not come back."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from lost(value, after[key], f"{at}.{key}")
            elif value not in (None, [], {}, ""):
                yield f"{at}.{key}"
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield at
        for number, (one, other) in enumerate(zip(before, after)):
            yield from lost(one, other, f"{at}[{number}]")
    elif before != after:
        yield f"{at}: {before!r} became {after!r}"


def main(path):
    """Loads, compares, prints; the exit code says whether all came back."""
    with open(path, encoding="utf-8") as file:
        written = json.load(file)
    register_default_plugins()
    loaded = Dashboard.from_json(written)
    again = json.loads(JSONEncoder().encode(loaded))
    faults = list(lost(written, again))
    ids = [panel["id"] for panel in written["panels"]]
    if len(ids) != len(set(ids)):
        faults.append("two panels have one id")
    for fault in faults:
        print(fault, file=sys.stderr)
    asked = [target["expr"] for panel in written["panels"] for target in panel.get("targets", [])]
    if not asked:
        print("the dashboard asks nothing", file=sys.stderr)
        return 1
    rules = [
        {"record": f"dashboard:panel_{number}", "expr": expr.replace("$instance", ".*")}
        for number, expr in enumerate(asked)
    ]
    # JSON is YAML.
    print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}, indent=1))
    return 1 if faults else 0


sys.exit(main(sys.argv[1]))
