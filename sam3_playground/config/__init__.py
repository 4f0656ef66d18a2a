"""Settings: the one reader of the environment. Read once, frozen, passed down."""

from sam3_playground.config.described import SETTINGS, Setting
from sam3_playground.config.environment import (
    default_host,
    forget_server_variables,
    unknown_variables,
    use_persistent_disk,
    variables_set,
)
from sam3_playground.config.readers import MEBIBYTE
from sam3_playground.config.settings import Settings

__all__ = [
    "MEBIBYTE",
    "SETTINGS",
    "Setting",
    "Settings",
    "default_host",
    "forget_server_variables",
    "unknown_variables",
    "use_persistent_disk",
    "variables_set",
]
