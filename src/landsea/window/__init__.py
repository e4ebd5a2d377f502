"""The single window: one entry point for all formalities, over HTTP. Door: `create_app`.

The name is imported when asked for: what the command line needs of this package does not need a web framework.
"""

from typing import Any

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name != "create_app":
        raise AttributeError(name)
    from .app import create_app

    return create_app
