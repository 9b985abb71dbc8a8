#!/usr/bin/env python3
"""Starts the daemon as systemd would, and watches it: ms to READY=1, resident MB at rest, wake-ups per second.

usage: watch_serve.py SECONDS COMMAND…
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time


def switches(pid: int) -> dict[str, int]:
    """Voluntary switches by thread: each is one time that it went to sleep and was woken."""
    found = {}
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        try:
            lines = status.read_text().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            if line.startswith("voluntary_ctxt_switches:"):
                found[status.parent.name] = int(line.split()[1])
    return found


def wakeups(pid: int, seconds: float) -> float:
    """Wake-ups per second, looked at each second: a thread that ends takes its count along."""
    begun, before, total = time.monotonic(), switches(pid), 0
    while time.monotonic() - begun < seconds:
        time.sleep(1)
        now = switches(pid)
        total += sum(count - before.get(thread, 0) for thread, count in now.items())
        before = now
    return total / (time.monotonic() - begun)


def resident_mb(pid: int) -> float:
    """VmRSS in megabytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> int:
    seconds, command = float(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(f"{place}/notify")
        notify.settimeout(60)
        begun = time.monotonic()
        daemon = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": f"{place}/notify"}, stderr=subprocess.DEVNULL)
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            print(f"ready after {(time.monotonic() - begun) * 1000:.0f} ms")
            time.sleep(5)
            rate = wakeups(daemon.pid, seconds)
            print(f"resident {resident_mb(daemon.pid):.1f} MB, {rate:.2f} wake-ups/s over {seconds:.0f} s")
            stopping = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            code = daemon.wait(timeout=20)
            print(f"stopped after {(time.monotonic() - stopping) * 1000:.0f} ms with code {code}")
            return code
        finally:
            if daemon.poll() is None:
                daemon.kill()


if __name__ == "__main__":
    sys.exit(main())
