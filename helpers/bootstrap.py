"""Set-up before anything else runs: a `.venv` with the pinned requirements, made on first use; standard library only.

An interpreter that already has every pin of `requirements.txt`, and this checkout installed in place, is used as it
is. Otherwise `.venv` beside `requirements.txt` is made or completed and the same command starts again in it. A stamp
inside `.venv`, written last, tells a finished set-up from an interrupted one.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS, CONSTRAINTS = ROOT / "requirements.txt", ROOT / ".constraints.txt"
VENV = ROOT / ".venv"
STAMP = "requirements.sha256"
LOG = "install.log"
PROJECT = "sop-alignment-kit"
RESTARTS = "SOP_KIT_RESTARTS"
UNUSABLE = 2
INTERRUPTED = 130


def ensure_environment(arguments: list[str]) -> None:
    """Return when this interpreter can run the kit; otherwise set up `.venv` and run `arguments` in it, for good.

    Ends with exit status 2 and one message when the set-up fails.
    """
    restarts = int(os.environ.pop(RESTARTS, "0"))
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not REQUIREMENTS.exists() or (is_satisfied() and (not inside or _is_stamped())):
        return
    if restarts > 1:
        _stop(
            f"{VENV.name} does not hold what requirements.txt asks for. Delete the folder {VENV.name} and start again."
        )
    if inside or not _is_stamped():
        _set_up()
    _restart(arguments, restarts + 1)


def is_satisfied() -> bool:
    """Whether every pin of `requirements.txt` that applies here is installed, and this checkout in place."""
    return all(_is_installed(name, version) for name, version in pins()) and _is_installed_in_place()


def pins() -> list[tuple[str, str]]:
    """Name and version of each line `name[extra]==version ; marker` whose marker holds on this machine."""
    lines = (line.partition("#")[0].strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    found = []
    for line in lines:
        requirement, _, marker = line.partition(";")
        name, pinned, version = requirement.partition("==")
        if pinned and _holds(marker.strip()):
            found.append((name.partition("[")[0].strip(), version.strip()))
    return found


def _holds(marker: str) -> bool:
    if not marker:
        return True
    try:
        from packaging.markers import Marker
    except ImportError:  # it comes with the requirements, so they are not installed: let pip read the marker
        return True
    return bool(Marker(marker).evaluate())


def _is_installed(name: str, version: str) -> bool:
    try:
        return metadata.version(name) == version
    except metadata.PackageNotFoundError:
        return False


def _is_installed_in_place() -> bool:
    """The project folder holds metadata of its own after a build, so every distribution of the name is asked."""
    origins = (found.read_text("direct_url.json") for found in metadata.distributions(name=PROJECT))
    return any(json.loads(origin).get("url") == ROOT.as_uri() for origin in origins if origin)


def _is_stamped() -> bool:
    stamp = VENV / STAMP
    return _python().exists() and stamp.exists() and stamp.read_text(encoding="ascii") == _fingerprint()


def _fingerprint() -> str:
    """Of the requirements and of the place: a folder that was moved is set up anew."""
    pinned = b"".join(path.read_bytes() for path in (REQUIREMENTS, CONSTRAINTS) if path.exists())
    return hashlib.sha256(pinned + str(ROOT).encode()).hexdigest()


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _set_up() -> None:
    started = time.monotonic()
    _say(f"Setting up {VENV.name} from {REQUIREMENTS.name}. This happens once and takes a few minutes.")
    try:
        (VENV / STAMP).unlink(missing_ok=True)
        _make_venv()
        _install()
        (VENV / STAMP).write_text(_fingerprint(), encoding="ascii")
    except OSError as error:
        _stop(f"{VENV.name} could not be set up: {error}")
    except KeyboardInterrupt:
        _say(f"\nStopped. The next start completes {VENV.name}.")
        raise SystemExit(INTERRUPTED) from None
    _say(f"  done in {time.monotonic() - started:.0f} s")


def _make_venv() -> None:
    if _has_pip():
        return
    _say(f"  making {VENV.name} with Python {sys.version.split()[0]}")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False, capture_output=True, text=True)
    if made.returncode:
        said = (made.stdout + made.stderr).strip()
        _stop(f"{VENV.name} could not be made: {said}\nOn Debian and Ubuntu it needs the package python3-venv.")


def _has_pip() -> bool:
    asked: list[Path | str] = [_python(), "-m", "pip", "--version"]
    return _python().exists() and subprocess.run(asked, check=False, capture_output=True).returncode == 0


def _install() -> None:
    _say("  collecting packages")
    command = [_python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", REQUIREMENTS]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    said: list[str] = []
    with (VENV / LOG).open("w", encoding="utf-8") as log:
        pip = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)  # type: ignore[call-overload]
        for line in pip.stdout:
            log.write(line)
            said.append(line.rstrip())
            _show(line)
    if pip.wait():
        _stop("\n".join([*said[-8:], f"pip ended with status {pip.returncode}. All it said: {VENV.name}/{LOG}"]))


def _show(line: str) -> None:
    """The step pip is at: on a terminal one line that is written over, elsewhere only the long step at the end."""
    on_terminal = sys.stderr.isatty()
    step, _, what = line.strip().partition(" ")
    if line.startswith("Installing collected packages"):
        message = f"  installing {what.count(',') + 1} packages"
        _say(f"\r{message:<70}" if on_terminal else message)
    elif on_terminal and step in ("Collecting", "Downloading", "Building"):
        sys.stderr.write(f"\r  {step.lower() + ' ' + what.split()[0][:50]:<68}")
        sys.stderr.flush()


def _restart(arguments: list[str], restarts: int) -> None:
    command = [str(_python()), "-m", "helpers", *arguments]
    os.environ[RESTARTS] = str(restarts)
    if os.name != "nt":
        os.execv(command[0], command)
    try:  # Windows would hand the terminal back before the kit has ended
        raise SystemExit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _stop(message: str) -> None:
    _say(message)
    raise SystemExit(UNUSABLE)
