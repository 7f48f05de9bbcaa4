"""S&OP alignment kit: ten early warning signs measured from planning extracts."""

__version__ = "0.1.0"
