"""How much the tests try: minutes' worth, or the whole of what the promises name with `DISCLOSURE_FULL=1`."""

import os

FULL = bool(os.environ.get("DISCLOSURE_FULL"))
