"""A mail server that keeps each message as it came. usage: sink.py DIRECTORY; says its port."""

import asyncio
import itertools
import pathlib
import sys

directory = pathlib.Path(sys.argv[1])
numbers = itertools.count(1)


async def session(reader, writer):
    def say(text):
        writer.write(text + b"\r\n")

    say(b"220 sink")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            say(b"250-sink\r\n250 PIPELINING")
        elif verb == b"DATA":
            say(b"354 go on")
            lines = []
            while (line := await reader.readline()) != b".\r\n":
                # RFC 5321 §4.5.2: one dot more than was meant.
                lines.append(line[1:] if line.startswith(b".") else line)
            (directory / f"{next(numbers)}.eml").write_bytes(b"".join(lines))
            say(b"250 kept")
        elif verb == b"QUIT":
            say(b"221 bye")
            break
        else:
            say(b"250 ok")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
