"""`python -m app`: the command line."""

import gc

if __name__ == "__main__":
    gc.disable()  # nothing that importing makes is rubbish: looking through it over and over took a fifth of the start
    from app.cli import commands

    commands()
