"""Write the sources and the cases of all families, or compare them."""

from __future__ import annotations

import sys

from refexec_conformance.own.families.write import main

sys.exit(main(sys.argv[1:]))
