"""Runs a command in a network of its own, in which a packet that would leave the machine is counted and goes nowhere.

Started again inside that network, this module lays a cable whose other end nobody reads, makes it the way to
everywhere, runs the command and looks for open ports meanwhile.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALONE = ("unshare", "--map-root-user", "--net")
CABLE = (
    "link set lo up",
    "link add out type veth peer name nowhere",
    "link set out address 02:00:00:00:00:02",
    "addr add 192.0.2.2/24 dev out",
    "link set nowhere up",
    "link set out up",
    "neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev out",
    "route add default via 192.0.2.1 dev out",
)
QUIET = tuple(Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6") for which in ("all", "default"))
LISTENING = "0A"
OFTEN = 0.1


@dataclass(frozen=True)
class Alone:
    """How a command ended that ran alone: status, its output, packets that would have left, ports it opened."""

    status: int
    said: str
    packets: int
    ports: int

    @property
    def is_silent(self) -> bool:
        """Nothing was sent and no port was opened."""
        return self.packets == self.ports == 0


def unable() -> str:
    """Why no command can be run alone here; empty where it can."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return "a network of its own takes unshare and ip (Linux)"
    tried = subprocess.run([*ALONE, "ip", "link", "add", "type", "veth"], check=False, capture_output=True)
    return "this system lets nobody lay a network of its own" if tried.returncode else ""


def alone(command: Sequence[str], environment: dict[str, str] | None = None) -> Alone:
    """Run `command` in a network of its own; every process it starts is in it too."""
    inside = [*ALONE, sys.executable, "-m", "tests.robustness.quarantine", *command]
    done = subprocess.run(inside, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    said, _, told = done.stdout.rstrip().rpartition("\n")
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Alone(said=said + done.stderr, **json.loads(told))


def _inside(command: Sequence[str]) -> None:
    for switch in QUIET:  # the system itself would look for neighbours
        if switch.exists():
            switch.write_text("1")
    for step in CABLE:
        subprocess.run(["ip", *step.split()], check=True, capture_output=True)
    before, ports = _sent(), 0
    running = subprocess.Popen(command)
    while running.poll() is None:
        ports = max(ports, _open_ports())
        time.sleep(OFTEN)
    sys.stdout.write(f"\n{json.dumps({'status': running.returncode, 'packets': _sent() - before, 'ports': ports})}\n")


def _sent() -> int:
    """Packets that went into the cable."""
    (line,) = [line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("out:")]
    return int(line.split(":")[1].split()[9])


def _open_ports() -> int:
    tables = [Path(f"/proc/net/{kind}") for kind in ("tcp", "tcp6")]
    rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
    return sum(row[3] == LISTENING for row in rows)


if __name__ == "__main__":
    _inside(sys.argv[1:])
