"""More work than can be done: what is served, how fast the rest is refused, and who is not harmed by it.

``python -m tests.siege overload``: capacity is measured, then 0.5 to 8 times as much is offered for ``SECONDS`` of the
environment each (6 where none are given), by work that waits (50 ms, 8 places) and work that computes (10 ms, a place a
core), with cached answers, ``/health`` and the stats asked beside it; how busy service and generator keep a core stands
at the end of each row. Then one greedy client among polite ones, and the processor time of a refusal and of a cached
answer, with the part of it that the server's own thread takes. A row counts only if the generator sent what it
promised. Both kinds of work are done twice: with the ranking in the service's own process, and in one beside it
(``RANKING_PROCESSES=1``). Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.load import cpu_seconds, free_port, running
from tests.running import wait_for
from tests.siege import ROOT, environment

TOKEN = "a-token-for-the-siege"
SETTLED = 2.0
TIMES = (0.5, 1, 2, 4, 8)
RATES = (400, 2000)
WORK = "/api/signals?spec=work+{n}&max_results=5"
CACHED = "/api/signals?spec=cars&max_results=10"
ANYBODY = {"X-Forwarded-For": "{client}"}
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Kind:
    """One kind of work, and what is promised of it: goodput by times of capacity, and the longest p99 in seconds.

    ``processes`` rank beside the service.
    """

    name: str
    work: str
    seconds: float
    slots: int
    goodput: dict
    refusal_p99: float
    health_p99: float
    cached_p99: float = 0.1
    processes: int = 0


ALONE = (
    Kind("work that waits 50 ms, 8 places", "sleep", 0.05, 8, {2: 0.95, 4: 0.95, 8: 0.95}, 0.02, 0.02),
    Kind("work that computes 10 ms, 2 places", "burn", 0.01, 2, {2: 0.85, 4: 0.75, 8: 0.65}, 0.1, 0.075),
)
KINDS = (*ALONE, *(replace(kind, name=f"{kind.name}; a process beside it ranks", processes=1) for kind in ALONE))


@contextmanager
def serving(kind, **settings):
    """Run the service with this kind of work; yields the program and its port."""
    port = free_port()
    wanted = {"WORK": kind.work, "WORK_SECONDS": kind.seconds, "SLOTS": kind.slots, "OPERATOR_TOKEN": TOKEN}
    wanted |= {"TRUSTED_PROXIES": 1, "CLIENT_CONNECTIONS": 0, "CACHE_TTL_SECONDS": 3600}
    wanted |= {"RANKING_PROCESSES": kind.processes} | settings
    with (
        tempfile.TemporaryDirectory() as folder,
        running(["-m", "tests.siege.service"], port, environment(port, wanted), Path(folder)) as (program, _),
    ):
        if wanted.get("LOCAL_RANKING", os.environ.get("LOCAL_RANKING")) != "text":
            wait_for(lambda: ranks_by_meaning(port))
        offered(port, 0.5, {"cached": stream(20, CACHED, ANYBODY)})
        yield program, port


def ranks_by_meaning(port):
    """Return whether the index is in use; until then the full text answers, which takes other steps."""
    stats = urllib.request.Request(f"http://127.0.0.1:{port}/api/monitoring/stats", headers=OPERATOR)
    with urllib.request.urlopen(stats, timeout=10) as answer:
        return "+" in json.load(answer)["catalogue"]["version"]


def offered(port, seconds, streams, settled=0.0):
    """Have the generator carry a plan out; return what came of each stream."""
    plan = {"port": port, "seconds": seconds, "settled": settled, "streams": streams}
    command = [sys.executable, "-m", "tests.siege.open_loop"]
    done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, cwd=ROOT, check=True)
    return json.loads(done.stdout)


def stream(rate, target, headers):
    return {"rate": rate, "target": target, "headers": headers}


def beside():
    """Return what is asked beside the work: it must not notice."""
    return {
        "cached": stream(20, CACHED, ANYBODY),
        "health": stream(20, "/health", {}),
        "stats": stream(2, "/api/monitoring/stats", OPERATOR),
    }


def capacity(kind, port, seconds):
    """Return how many answers a second there are when a little more is asked than can be answered."""
    likely = kind.slots / kind.seconds if kind.work == "sleep" else 1 / kind.seconds
    told = offered(port, seconds, {"work": stream(1.3 * likely, WORK, ANYBODY)}, SETTLED)
    return told["work"]["by_status"]["200"]["rate"]


def of(told, status):
    """Return what came of a stream with a status; nothing is zeros."""
    nothing = {"count": 0, "rate": 0.0, "retry_after": 0, "stale": 0, "p50": 0.0, "p99": 0.0, "max": 0.0}
    return told["by_status"].get(str(status), nothing)


def broken_promises(kind, times, told, able):
    """Return what a row does not keep, in words."""
    work, found = told["work"], []
    good, refused = of(work, 200), of(work, 503)
    if good["rate"] < kind.goodput.get(times, 0) * able:
        found.append(f"goodput {good['rate'] / able:.0%} under {kind.goodput[times]:.0%}")
    if set(work["by_status"]) - {"200", "503"} or work["unanswered"]:
        found.append(f"{work['unanswered']} unanswered, statuses {sorted(work['by_status'])}")
    if refused["retry_after"] < refused["count"]:
        found.append("a refusal without Retry-After")
    limits = {"cached": kind.cached_p99, "health": kind.health_p99, "stats": 0.075}
    found += [f"{name} p99 over {limit * 1e3:.0f} ms" for name, limit in limits.items() if beyond(told[name], limit)]
    if refused["p99"] > kind.refusal_p99 and times > 1:
        found.append(f"refusal p99 over {kind.refusal_p99 * 1e3:.0f} ms")
    return found


def beyond(told, limit):
    """Return whether a stream was not answered whole and in time."""
    return set(told["by_status"]) != {"200"} or of(told, 200)["p99"] > limit


def overload(kind, seconds):
    """Measure one kind of work; return the number of broken promises."""
    print(f"\n{kind.name}")
    print(f"{'offered':>14} {'sent':>6} {'good/s':>7} {'of all':>6} {'refused/s':>9} {'refusal p50/p99':>16}", end="")
    print(f" {'good p99':>8} {'cached p99':>10} {'health p99':>10} {'stats p99':>9}  ms {'cpu, generator':>15}")
    broken = 0
    with serving(kind) as (program, port):
        able = capacity(kind, port, seconds)
        for times in TIMES:
            before = cpu_seconds(program)
            told = offered(port, seconds, {"work": stream(times * able, WORK, ANYBODY)} | beside(), SETTLED)
            sent = told["work"]["sent"] / (times * able * seconds)
            good, refused = of(told["work"], 200), of(told["work"], 503)
            figures = f"{times:>4}x {times * able:6.0f}/s {sent:6.1%} {good['rate']:7.1f} {good['rate'] / able:6.0%}"
            figures += f" {refused['rate']:9.1f} {refused['p50'] * 1e3:8.1f}/{refused['p99'] * 1e3:<7.1f}"
            figures += f" {good['p99'] * 1e3:8.0f}"
            print("  " + figures, *(f"{of(told[name], 200)['p99'] * 1e3:9.1f}" for name in beside()), end="")
            used = (cpu_seconds(program) - before, told["generator"]["cpu_seconds"])
            print("    ", *(f"{share / seconds:6.0%}" for share in used), end="")
            if sent < 0.99 or told["work"]["late_p99"] > 0.05:
                print(f"  does not count: the generator was late ({told['work']['late_p99'] * 1e3:.0f} ms)")
                continue
            found = broken_promises(kind, times, told, able)
            broken += bool(found)
            print(f"  {'; '.join(found) or 'kept'}", flush=True)
    return broken


def greed(kind, seconds):
    """One client asks four times what can be done, others less than half of it; return 1 if the others suffer."""
    with serving(kind) as (_, port):
        able = capacity(kind, port, seconds)
        greedy = stream(4 * able, WORK, {"X-Forwarded-For": "192.0.2.66"})
        told = offered(port, seconds, {"greedy": greedy, "polite": stream(0.4 * able, WORK, ANYBODY)})
    served = of(told["polite"], 200)["count"] / told["polite"]["sent"]
    taken = of(told["greedy"], 200)["rate"] / able
    print(f"\none greedy client at 4x beside polite ones at 0.4x: {served:.1%} of the polite are served, p99", end=" ")
    print(f"{of(told['polite'], 200)['p99'] * 1e3:.0f} ms; the greedy one gets {taken:.0%} of the capacity")
    return int(served < 0.99)


HOLD = b"GET /api/signals?spec=work+first HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n"


def own_thread_seconds(program):
    """Return the processor time of the thread that turns the server's loop (Linux)."""
    return int(Path(f"/proc/{program.pid}/task/{program.pid}/schedstat").read_text().split()[0]) / 1e9


def price_of_a_refusal(seconds):
    """Print the processor time of a refusal at a full room, beside that of a cached answer, now and then and often."""
    kind = Kind("", "sleep", 6.0 * seconds, 1, {}, 0, 0)
    with (
        serving(kind, QUEUE_SIZE=0, DRAIN_SECONDS=1) as (program, port),
        socket.create_connection(("127.0.0.1", port)) as holder,
    ):
        # The only slot is taken for long: whatever is new is refused at once.
        holder.sendall(HOLD)
        print()
        for name, target, status in (("refusal", WORK, "503"), ("cached answer", CACHED, "200")):
            offered(port, 0.5, {"work": stream(20, target, ANYBODY)})
            costs = [price(program, port, seconds, stream(rate, target, ANYBODY), status) for rate in RATES]
            said = (f"{whole:.0f} us at {rate}/s ({own:.0f} of them the loop's)" for rate, (whole, own) in costs)
            print(f"processor time of a {name}: {', '.join(said)}", flush=True)


def price(program, port, seconds, asked, status):
    """Return a rate, and the microseconds of processor time that an answer takes: in all, and in the loop's thread."""
    before = cpu_seconds(program), own_thread_seconds(program)
    told = offered(port, seconds, {"work": asked})["work"]
    assert set(told["by_status"]) == {status}, told["by_status"]
    after = cpu_seconds(program), own_thread_seconds(program)
    return asked["rate"], [(end - begin) / told["sent"] * 1e6 for begin, end in zip(before, after, strict=True)]


def main():
    seconds = float(os.environ.get("SECONDS", "6"))
    broken = sum(overload(kind, seconds) for kind in KINDS)
    broken += greed(KINDS[0], seconds)
    price_of_a_refusal(seconds)
    print(f"\n{broken} rows with a broken promise" if broken else "\nevery promise kept")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
