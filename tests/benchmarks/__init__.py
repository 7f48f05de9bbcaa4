"""Studies of speed and size, run on demand: clients of any size, and what the kit makes of them."""
