"""Writes letters as somebody on the way may have changed them. usage: tamper.py DIRECTORY LETTER…

broken: what a reader would be deceived by; harmless: what relays do, and relaxed canonicalization bears."""

import pathlib
import re
import sys

directory, letters = pathlib.Path(sys.argv[1]), sys.argv[2:]


def after_signature(message, line):
    """Puts a header line behind the signature."""
    return re.sub(rb"(?s)\A(DKIM-Signature:.*?\r\n)(?![ \t])", rb"\1" + line + b"\r\n", message, count=1)


def edited(pattern, replacement):
    def edit(message):
        changed, count = re.subn(pattern, replacement, message, count=1, flags=re.M)
        return changed if count else None

    return edit


BROKEN = {
    "body": lambda message: message.replace(b"\r\n--=_", b"\r\nRing this number instead.\r\n--=_", 1),
    "body-at-its-end": lambda message: message + b"One more line.\r\n",
    "subject": edited(rb"^Subject: ", b"Subject: Urgent: "),
    "from": edited(rb"^From: .*<", b'From: "Somebody Else" <'),
    "to": edited(rb"^To: .*$", b"To: other@riverside.example\r"),
    "date": edited(rb"^Date: .*$", b"Date: Mon, 01 Jan 2001 09:00:00 +0000\r"),
    "message-id": edited(rb"^Message-ID: <", b"Message-ID: <x"),
    "reply-to": edited(rb"^Reply-To: .*$", b"Reply-To: thief@example.com\r"),
    "auto-submitted": edited(rb"^Auto-Submitted: auto", b"Auto-Submitted: not-auto"),
    "boundary": edited(rb"^Content-Type: multipart/alternative", b"Content-Type: multipart/mixed"),
    "list-unsubscribe": edited(rb"^List-Unsubscribe: <https?://", b"List-Unsubscribe: <https://thief."),
    "list-unsubscribe-post": edited(rb"^List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: x=y"),
    "a-second-from": lambda message: after_signature(message, b"From: thief@example.com"),
    "a-second-subject": lambda message: after_signature(message, b"Subject: Ring this number"),
    "a-second-unsubscribe": lambda message: after_signature(message, b"List-Unsubscribe: <https://thief.example/>"),
    "a-copy-to-others": lambda message: after_signature(message, b"Cc: other@example.com"),
}
HARMLESS = {
    "received": lambda message: b"Received: from a by b; Mon, 23 Nov 2026 09:00:00 +0000\r\n" + message,
    "blanks": edited(rb"^Subject: ", b"Subject:   "),
    "lines-at-the-end": lambda message: message + b"\r\n\r\n",
    "folded-anew": edited(rb"^(Auto-Submitted:) ", rb"\1\r\n\t"),
}

met = set()
for kind, changes in {"broken": BROKEN, "harmless": HARMLESS}.items():
    (directory / kind).mkdir(parents=True, exist_ok=True)
    for nth, letter in enumerate(letters):
        message = pathlib.Path(letter).read_bytes()
        for name, change in changes.items():
            changed = change(message)
            if changed is None:
                continue
            assert changed != message, f"{name} changes nothing in {letter}"
            met.add(name)
            (directory / kind / f"{nth}-{name}.eml").write_bytes(changed)
missing = set(BROKEN) | set(HARMLESS)
missing -= met
if missing - {"list-unsubscribe", "list-unsubscribe-post"}:
    sys.exit(f"changed in no letter: {missing}")
