#!/usr/bin/env python3
"""Takes a picture of every page of the console, as it looks in the light and in the dark, at 320 and at 1440 pixels.

usage: tests/scripts/screens.py [--bin target/debug/aftercare] [--out target/screens/console] [--readme]
       tests/scripts/screens.py --at http://127.0.0.1:8081 --account ACCOUNT.json [--out …]

It plays the demo, signs in, and follows the links of the pages, one of each kind; or it looks at a console that runs, with what
`aftercare --json staff add` printed. It fails for a page that scrolls sideways
at 320 pixels, that writes to the browser's console, or that shows machine words. --readme also makes the pictures in
docs/screens anew, which README.md shows. Needs chromium and chromium-driver (`./test tools`).
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTHS, SCHEMES, MOST = (320, 1440), ("light", "dark"), 6000
# Seconds that the demo may take over its two years.
STORY = 300
# One page of each kind: what stands for the part of an address that differs from row to row.
KINDS = [(re.compile(r"/(alerts|tasks|letters|answers|protocols|imports?)/\d+"), r"/\1/1"),
         (re.compile(r"/(patients|story|plan|correct|proxy|erase|export)/[^/?#]+"), r"/\1/one")]
# No page of its own: what is saved as a file, and the letter within its page.
LEFT_OUT = re.compile(r"/(static|sign-out|live|metrics|readyz|healthz)\b|.*(/html|/file|\.csv)(\?|$)")
README = {"today": ("/", 1440, "light", 900), "alert": ("/alerts/", 1440, "light", 1100), "phone": ("/", 320, "dark", 700)}
# Words of the code that no reader should have to know.
MACHINE = [re.compile(r"\b[a-z]+_[a-z_]+\b"), re.compile(r"\b[a-z][a-z-]+:[a-z][a-z-]+\b"), re.compile(r'[{\[]"|":\S')]
ALLOWED = re.compile(r"phone_office|phone_24h|send-test")


class Driver:
    """Chromium behind chromedriver, by the WebDriver protocol."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        self.session = ""
        try:
            said = iter(self.process.stdout.readline, "")
            found = next(filter(None, (re.search(r"successfully on port (\d+)", line) for line in said)), None)
            if not found:
                sys.exit("chromedriver ended before it told its port")
            self.port = int(found[1])
            self.open()
        except BaseException:
            self.close()
            raise

    def open(self) -> None:
        args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--hide-scrollbars"]
        wishes = {"browserName": "chrome", "goog:chromeOptions": {"args": args}, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wishes}}, bare=True)["sessionId"]

    def ask(self, method: str, path: str, body: object = None, bare: bool = False) -> object:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        whole = path if bare else f"/session/{self.session}{path}"
        line.request(method, whole, json.dumps(body or {}) if method == "POST" else None)
        value = json.loads(line.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['message'].splitlines()[0]}")
        return value

    def cdp(self, name: str, parameters: dict) -> dict:
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def run(self, script: str) -> object:
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def goto(self, url: str) -> None:
        self.ask("POST", "/url", {"url": url})

    def look(self, width: int, scheme: str) -> None:
        self.cdp("Emulation.setDeviceMetricsOverride",
                 {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.cdp("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def picture(self, file: pathlib.Path, width: int, most: int = MOST) -> None:
        height = min(int(self.run("return document.documentElement.scrollHeight")), most)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.cdp("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"})]

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            if self.session:
                self.ask("DELETE", "")
        end(self.process)


def end(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait()


def play(binary: str, folder: pathlib.Path) -> tuple[subprocess.Popen, str]:
    """Starts the demo and reads where the console stands and how to sign in: it says so on stderr, its report is on stdout."""
    said = folder / "said"
    with said.open("w", encoding="utf-8") as file:
        demo = subprocess.Popen([binary, "demo", "--out", folder / "demo"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=file)
    until = time.monotonic() + STORY
    while not re.search(r"^ *patients +http.*\n", text := said.read_text(encoding="utf-8"), re.M):
        if demo.poll() is not None or time.monotonic() > until:
            end(demo)
            sys.exit(f"the demo tells no address to sign in at:\n{text}")
        time.sleep(0.2)
    return demo, text


def code_of(secret: str) -> str:
    """The six digits of RFC 6238 for now."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(driver: Driver, base: str, name: str, password: str, secret: str) -> None:
    """Signs in, once the console stands."""
    for left in reversed(range(50)):
        try:
            driver.goto(base + "/sign-in")
            break
        except RuntimeError:
            if not left:
                raise
            time.sleep(0.2)
    fill = ("document.getElementById('name').value = %s; document.getElementById('password').value = %s; "
            "document.getElementById('code').value = %s; document.querySelector('main button').click()")
    driver.run(fill % tuple(json.dumps(word) for word in (name, password, code_of(secret))))
    driver.goto(base + "/")
    if driver.run("return location.pathname") != "/":
        sys.exit("nobody could sign in")


def kind(path: str) -> str:
    path = path.split("#")[0].split("?")[0]
    for pattern, stand_in in KINDS:
        path = pattern.sub(stand_in, path, count=1)
    return path


def machine_words(driver: Driver) -> list[str]:
    """What a reader sees that only the program understands; letters and messages are other people's words."""
    text = driver.run("""const page = document.querySelector('main').cloneNode(true);
        page.querySelectorAll('pre, code, textarea, iframe, script').forEach(one => one.remove());
        return page.innerText || page.textContent""")
    found = {word[0] for pattern in MACHINE for word in pattern.finditer(text)}
    return sorted(word for word in found if not ALLOWED.search(word))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(ROOT / "target/debug/aftercare"))
    parser.add_argument("--out", default=str(ROOT / "target/screens/console"))
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--at")
    parser.add_argument("--account")
    asked = parser.parse_args()
    missing = [tool for tool in ("chromium", "chromedriver") if not shutil.which(tool)]
    if missing:
        print(f"{missing[0]} was not found\n\nhint: run ./test tools as root", file=sys.stderr)
        return 69
    if bool(asked.at) != bool(asked.account):
        parser.error("--at and --account go together")
    if not asked.at and not shutil.which(asked.bin):
        parser.error(f"there is no {asked.bin}; build it: cargo build --bin aftercare")
    # Told to stop, it ends what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults, seen, waiting = [], {}, ["/"]
    # What is started is ended in reverse order, whatever happens.
    with contextlib.ExitStack() as started:
        if asked.at:
            account = json.loads(pathlib.Path(asked.account).read_text(encoding="utf-8"))
            base, way_in = asked.at.rstrip("/"), (account["name"], account["password"], account["totp_secret"])
        else:
            demo, text = play(asked.bin, pathlib.Path(started.enter_context(tempfile.TemporaryDirectory())))
            started.callback(end, demo)
            base = re.search(r"staff\s+(http://\S+)", text)[1]
            way_in = (*re.search(r"name (\S+), password `(.+?)`", text).groups(), re.search(r"secret\s+(\S+)", text)[1])
        driver = Driver()
        started.callback(driver.close)
        sign_in(driver, base, *way_in)
        while waiting:
            path = waiting.pop(0)
            if kind(path) in seen or LEFT_OUT.match(path):
                continue
            seen[kind(path)] = path
            name = kind(path).strip("/").replace("/", "-") or "today"
            driver.goto(base + path)
            links = driver.run("return [...document.querySelectorAll('a[href^=\"/\"]')].map(one => one.getAttribute('href'))")
            waiting += [link for link in links if kind(link) not in seen]
            faults += [f"{path}: machine word `{word}`" for word in machine_words(driver)]
            for width in WIDTHS:
                for scheme in SCHEMES:
                    driver.look(width, scheme)
                    driver.picture(pathlib.Path(asked.out) / f"{name}-{width}-{scheme}.png", width)
                wide = driver.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wide > 0:
                    faults.append(f"{path}: scrolls sideways by {wide} px at {width}")
            faults += [f"{path}: {message}" for message in driver.complaints()]
            print(f"{name}: {path}", flush=True)
        if asked.readme:
            for name, (begin, width, scheme, most) in README.items():
                fits = (path for path in seen.values() if path == begin or begin != "/" and re.match(begin + r"\d", path))
                path = next(fits, None) or sys.exit(f"no page was found at {begin}")
                driver.look(width, scheme)
                driver.goto(base + path)
                driver.picture(ROOT / "docs/screens" / f"{name}.png", width, most)
    print("\n".join(faults) or f"{len(seen)} pages, nothing to mend")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
