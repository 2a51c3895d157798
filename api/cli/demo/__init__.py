"""The demo: the main job as a client of the HTTP API, every step read back from the chain."""

from api.cli.demo.run import run_demo
from api.cli.demo.target import DemoTarget, localnet_of, state_file

__all__ = ["DemoTarget", "localnet_of", "run_demo", "state_file"]
