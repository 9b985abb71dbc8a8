"""dkimpy says of each letter whether its signature holds. usage: verify.py RECORD.json pass|fail LETTER…"""

import json
import sys

import dkim

record, wanted, letters = sys.argv[1], sys.argv[2] == "pass", sys.argv[3:]
with open(record) as file:
    published = json.load(file)
answers = {published["name"].encode() + b".": "".join(published["strings"]).encode()}
wrong = []
for letter in letters:
    with open(letter, "rb") as file:
        message = file.read()
    try:
        held = dkim.verify(message, dnsfunc=lambda name, timeout=5: answers.get(name))
    except dkim.DKIMException as error:
        held = False
        if wanted:
            print(error, file=sys.stderr)
    if held != wanted:
        wrong.append(letter)
if wrong or not letters:
    sys.exit(f"dkimpy: should {sys.argv[2]}: {', '.join(wrong) or 'no letter'}")
