"""The desk: an explorer for the signs of a notebook, with knobs whose turning is seen at once."""
