"""`python -m helpers`: set up what is missing, then run the command line of `helpers.commands`."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must still read this file and be told
        sys.stderr.write("The kit needs Python 3.11 or newer; this is Python " + sys.version.split()[0] + ".\n")
        sys.exit(2)

    try:
        from helpers.bootstrap import ensure_environment

        ensure_environment(sys.argv[1:])

        from helpers.commands import run

        run()
    except KeyboardInterrupt:  # before the commands are there to say so
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
