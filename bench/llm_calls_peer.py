#!/usr/bin/env python3
"""The calls of bench/llm_calls.cc made by a peer, the `openai` package.

    llm_calls_peer.py PROGRAM    PROGRAM: the built llm_calls

Most peers call models through this package or a wrapper around it. Needs
`pip install openai`; prints the median time of a call beside the program's.
"""

import statistics
import subprocess
import sys
import time

import openai

CALLS = 200
PROMPT_BYTES = 24000


def ask(client):
    """One streamed call, all of its text joined, as the peers do."""
    stream = client.chat.completions.create(
        model="stub",
        messages=[
            {"role": "system", "content": "You write programs."},
            {"role": "user", "content": "p" * PROMPT_BYTES + "Go on."},
        ],
        stream=True,
        stream_options={"include_usage": True},
    )
    parts = []
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            parts.append(chunk.choices[0].delta.content)
    return "".join(parts)


def main():
    server = subprocess.Popen(
        [sys.argv[1], "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = server.stdout.readline().strip()
    client = openai.OpenAI(base_url=url, api_key="none")
    ask(client)
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        ask(client)
        times.append(time.perf_counter() - start)
    print(
        f"openai {openai.__version__}: {statistics.median(times) * 1e3:.3f} ms "
        f"a call, median of {CALLS}"
    )
    server.stdin.close()
    server.wait()


if __name__ == "__main__":
    main()
