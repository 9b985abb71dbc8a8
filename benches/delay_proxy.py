#!/usr/bin/env python3
"""A far-away server in one file: passes TCP through and lets every byte arrive MILLISECONDS later, each way.

usage: delay_proxy.py LISTEN_PORT TARGET_PORT MILLISECONDS   (all on 127.0.0.1)

Bytes wait in a queue, so a delay costs latency and no throughput: what a long line does, and a slow one does not.
"""

import asyncio
import socket
import sys


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float) -> None:
    """Carries one direction until its end."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, chunk = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    delivery = asyncio.create_task(deliver())
    try:
        while chunk := await reader.read(65_536):
            queue.put_nowait((loop.time() + wait, chunk))
    except ConnectionError:
        pass
    queue.put_nowait((loop.time() + wait, b""))
    try:
        await delivery
    except (ConnectionError, OSError):
        pass


async def serve(listen: int, target: int, wait: float) -> None:
    """Accepts until it is stopped."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        for stream in (writer, far_writer):
            stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(pass_on(reader, far_writer, wait), pass_on(far_reader, writer, wait))
        for stream in (writer, far_writer):
            stream.close()

    server = await asyncio.start_server(one, "127.0.0.1", listen, backlog=1000)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
    except KeyboardInterrupt:
        pass
