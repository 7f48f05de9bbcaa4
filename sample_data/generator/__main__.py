"""`python -m sample_data.generator [--out DIR]`: write the sample company and its healthy twin."""

import argparse
from pathlib import Path

from sample_data.generator import healthy_twin, simulate, story
from sample_data.generator.readme import refresh
from sample_data.generator.write import write_client

SEED = 20260601


def main() -> None:
    """Write both folders."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.generator", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).resolve().parents[1],
        help="folder to write to (default: sample_data)",
    )
    out = parser.parse_args().out
    for scenario, folder in ((story(), out), (healthy_twin(), out / "healthy_twin")):
        write_client(simulate(scenario, SEED), scenario, folder)
        print(f"{scenario.client}: {folder}")
    refresh(out / "README.md", story())


if __name__ == "__main__":
    main()
