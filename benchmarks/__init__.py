"""What `make bench` measures."""

import sam3_playground  # noqa: F401  # before torch: it says how torch's threads wait
