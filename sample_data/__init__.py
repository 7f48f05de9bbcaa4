"""The sample company, its healthy twin, and the generator that made both."""
