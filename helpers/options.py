"""The options that commands share, each with its help and an example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="DIR|FILE|URL",
        help="Folder with the client's extract, a DuckDB file, or a database in which the work is then done: "
        "postgresql://user@host/database?schema=client, spark://local?schema=client, spark://local?path=/lake/acme or "
        "sc://host:15002?schema=client (Spark Connect). Passwords: PGPASSWORD or ~/.pgpass, "
        "SPARK_CONNECT_AUTHENTICATE_TOKEN. Example: --data clients/acme/2026-06",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the results: new, empty, or holding an earlier go at the very same run, which is then "
        "completed or refreshed; any other folder is refused and left alone. Default: a new folder under runs/. "
        "Example: --out results/acme-2026-06",
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="Settings of the engagement; default: settings.yaml in the data folder, if there is one. "
        "Beside a database notes.yaml, scenarios.yaml, playbook.yaml and the logo are looked for in its folder. "
        "Example: --settings clients/acme/settings.yaml",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        help="Use only what was known on this date; default: the end of the extract. Example: --as-of 2026-03-01",
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh",
        help="Do everything anew, whatever earlier runs on the same input kept. "
        "Example: python -m helpers report --data clients/acme --fresh",
    ),
]
Slides = Annotated[
    bool,
    typer.Option(
        "--slides",
        help="Write slides.pptx too: a deck with native charts and tables that can be edited. "
        "Example: python -m helpers report --data clients/acme --slides",
    ),
]
Pdf = Annotated[
    bool,
    typer.Option(
        "--pdf",
        help="Print the page to report.pdf too, with the Chromium, Chrome or Edge that is there. "
        "Example: python -m helpers report --data clients/acme --pdf",
    ),
]
Anonymise = Annotated[
    bool,
    typer.Option(
        "--anonymise",
        help="Replace every name before anything is drawn, and hand over only what is proved to hold none; the key "
        "goes into a file apart, and notes.yaml stays out. Example: python -m helpers report --anonymise",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="With --anonymise: the key, a CSV that must stay in the house; that of an earlier run gives the same "
        "pseudonyms again. Default: a new file under runs/keys/. Example: --key clients/acme/key.csv",
    ),
]
RequestOut = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the pack; files that are there already are never written over. "
        "Example: --out clients/acme/request",
    ),
]
PlanLevel = Annotated[
    Literal["family", "item"],
    typer.Option(
        "--level",
        help="What is planned: families, divided by the resource or supplier they come from, or single items, which "
        "takes longer. Example: --level item",
    ),
]
ScenarioKey = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        metavar="KEY",
        help="The scenario whose decisions go into plan.xlsx, by its key; default: frozen, which leaves the frozen "
        "periods as approved, where there is one, else the approved plan. Example: --scenario demonstrated",
    ),
]
