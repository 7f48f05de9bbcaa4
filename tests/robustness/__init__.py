"""What the kit withstands: broken clients, faults, hostile content, load; `python -m tests.robustness` counts them."""
