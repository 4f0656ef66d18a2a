"""How the bundled checkpoint is made and scored: `python -m training train | evaluate`."""

import sam3_playground  # noqa: F401  # before torch: it says how torch's threads wait
