"""`python -m app`: the command line."""

from app.cli import commands

if __name__ == "__main__":
    commands()
