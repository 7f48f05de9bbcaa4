"""The validity study: how often the signs are right on simulated clients whose truth is known.

`python -m tests.validity` runs it; `--help` says more.
"""
