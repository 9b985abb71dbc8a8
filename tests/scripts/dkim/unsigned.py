"""Prints a letter without the signature in front of it. usage: unsigned.py LETTER"""

import re
import sys

with open(sys.argv[1], "rb") as file:
    message = file.read()
sys.stdout.buffer.write(re.sub(rb"(?s)\ADKIM-Signature:.*?\r\n(?![ \t])", b"", message, count=1))
