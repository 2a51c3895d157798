"""An installation that is killed part by part, and started again as its user would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from api.cli.demo.state import DemoState
from localnet.processes import processes_naming, read_process
from tests.e2e.running import ROOT, RunningUp, ask, environment

FAULT_POINT = "QUANBAO_FAULT_POINT"
VICTIMS = ("app", "database", "anvil", "localnet")


class Installation(RunningUp):
    """`up`, its parts by name, and the demo that is played against it."""

    demo: subprocess.Popen[bytes] | None = None

    def spawn_with(self, fault_point: str | None) -> None:
        """Start `up`; with a fault point it kills itself there."""
        self._environment.pop(FAULT_POINT, None)
        if fault_point is not None:
            self._environment[FAULT_POINT] = fault_point
        self.spawn()

    def exit_code(self) -> int | None:
        assert self._process is not None
        return self._process.poll()

    @property
    def demo_output(self) -> Path:
        return self.place / "demo.txt"

    def spawn_demo(self) -> None:
        """Play the story, or go on with it."""
        with self.demo_output.open("ab") as output:
            self.demo = subprocess.Popen(
                [
                    *(sys.executable, "-m", "api.cli", "demo", "--json"),
                    *("--data-dir", str(self.data_dir), "--port", str(self.port)),
                ],
                cwd=ROOT,
                env=environment({}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def end_demo(self) -> None:
        if self.demo is not None:
            self.demo.kill()
            self.demo.wait()
            self.demo = None

    def told(self) -> str:
        """The end of what the demo and `up` said."""
        demo = self.demo_output.read_text(errors="replace")[-3000:] if self.demo_output.exists() else ""
        return f"--- demo\n{demo}\n--- up\n{self.output()[-3000:]}"

    def story(self) -> DemoState:
        """What the demo remembers: its run, and how many came to their end."""
        return DemoState.load(self.key_dir / "demo.json")

    # ----------------------------------------------------------------------------------------------------------- parts

    def victim(self, name: str) -> int | None:
        """The process id of a part, None while it does not run."""
        if name == "app":
            return None if self.ended() else self.pid
        if name == "database":
            return self._postmaster()
        localnet = self._localnet()
        if name == "localnet" or localnet is None:
            return localnet
        return self._anvil()

    def _postmaster(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            data = self.data_dir / "postgres" / "data"
            pid = int((data / "postmaster.pid").read_text().split()[0])
            found = read_process(pid)
            if found is not None and str(data) in found.arguments:
                return pid
        return None

    def _localnet(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.localnet_status()["pid"])
            return None if read_process(pid) is None else pid
        return None

    def _anvil(self) -> int | None:
        with contextlib.suppress(httpx.HTTPError, ValueError, OSError, KeyError):
            status = ask(f"{self.localnet_status()['control_url']}/status").json()
            return int(status["chains"][0]["node_pid"])
        return None

    def ready(self) -> bool:
        """Every part answers."""
        if self.ended() or self._localnet() is None:
            return False
        try:
            return ask(f"{self.base}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    # ---------------------------------------------------------------------------------------------------------- copies

    def copied_to(self, place: Path) -> Installation:
        """A copy of this stopped installation; the original stays as it is."""
        assert self.ended()
        assert self.left_behind() == []
        for folder in (self.data_dir, self.key_dir, self.erasure_dir):
            # cp keeps the database's user as the owner of its files, which Python's copies do not.
            subprocess.run(["cp", "-a", str(folder), str(place / folder.name)], check=True)
        return Installation(place)

    def left_behind(self) -> list[str]:
        """Processes that still name this installation's folders."""
        places = {str(self.data_dir), str(self.data_dir / "localnet"), str(self.data_dir / "postgres" / "data")}
        pids = {process.pid: str(process) for place in places for process in processes_naming(place)}
        anvil = self.data_dir / "localnet"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                process = read_process(int(entry.name))
                if process is not None and any(str(anvil) in argument for argument in process.arguments):
                    pids[process.pid] = str(process)
        return sorted(pids.values())

    def remove(self) -> None:
        """End whatever still runs, and delete everything."""
        self.end_demo()
        if not self.ended():
            with contextlib.suppress(AssertionError):
                self.stop()
        for name in ("localnet", "anvil", "database"):
            pid = self.victim(name)
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT if name == "database" else signal.SIGKILL)
        shutil.rmtree(self.data_dir, ignore_errors=True)
        shutil.rmtree(self.key_dir, ignore_errors=True)
        shutil.rmtree(self.erasure_dir, ignore_errors=True)


def read_ports(installation: Installation) -> dict[str, int]:
    """Where the testnets listen."""
    ports: dict[str, int] = json.loads((installation.data_dir / "ports.json").read_text())
    return ports
