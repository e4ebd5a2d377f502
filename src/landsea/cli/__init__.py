"""The operator's command line."""


def main() -> None: ...
