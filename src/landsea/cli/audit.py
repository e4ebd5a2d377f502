"""`landsea audit` and `landsea verify`: what an outsider asks of a log and of a receipt. Neither needs a node."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from landsea.errors import EnvironmentFault, InputError

Fetch = Callable[[str], bytes | None]
BAR_FROM = 100_000  # entries from which waiting is shown

Vkey = Annotated[
    str | None, typer.Option("--vkey", metavar="KEY", help="The log key you trust, or a file that holds it.")
]
Seen = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint saved before; the log must extend it.")
]


def audit(
    log: Annotated[
        str, typer.Argument(metavar="DIR|URL", help="The log's public files: a folder, or /v1/log of a node.")
    ],
    vkey: Vkey = None,
    seen: Seen = None,
) -> None:
    """Rebuild a log from its public files and name the first lie found."""
    from landsea.transparency.audit import audit as rebuilt
    from landsea.transparency.checkpoint import parse_vkey

    from .progress import bar

    with _published(log) as fetch, bar("auditing", BAR_FROM) as progress:
        key = parse_vkey(_key_text(vkey) or _own_key(fetch, log))
        found = rebuilt(fetch, key, [_content(file) for file in seen or ()], progress)
    if found.lie:
        raise InputError(f"{log} does not hold: {found.lie.sentence} ({found.lie.kind}, {found.lie.path})")
    trusted = "" if vkey else " Its key is the one it names itself: compare it with one you trust."
    typer.echo(f"{found.origin} holds: {found.size} entries, root {found.root.hex()}, key {key}.{trusted}")


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A receipt, or an answer that has one in it.")],
    vkey: Vkey = None,
    body: Annotated[Path | None, typer.Option(metavar="FILE", help="The declaration you lodged.")] = None,
    reference: Annotated[str | None, typer.Option(metavar="TEXT", help="The LRN, MRN or UCR you expect.")] = None,
) -> None:
    """Check a receipt step by step and say what it proves."""
    from landsea.dossier.evidence import verify_receipt

    given = _content(file)
    document = _receipt_in(given)
    lodged = _content(body) if body else None
    steps = verify_receipt(document, _key_text(vkey) or None, body=lodged, reference=reference)
    for number, step in enumerate(steps, start=1):
        said = {True: "holds", None: "not asked", False: "FAILS"}[step.holds]
        typer.echo(f"{number} {step.name:<11} {said:<10} {step.saw}")
    if any(step.holds is False for step in steps):
        raise InputError(f"the receipt in {file} does not hold")
    _agrees(given, document, file)
    typer.echo("The receipt holds." if vkey else "The receipt holds, by the key it names itself.")


def _receipt_in(document: bytes) -> bytes:
    """The receipt itself, where the document is an answer of the window or a line of `landsea clear`."""
    import msgspec

    class Holder(msgspec.Struct):
        receipt: msgspec.Raw

    try:
        return bytes(msgspec.json.decode(document, type=Holder).receipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return document


def _agrees(given: bytes, receipt: bytes, file: Path) -> None:
    """What the receipt proves is said; an answer around it says the same. Raises InputError where it does not."""
    import msgspec

    from landsea.window.answer import answer_in

    try:
        proved = answer_in(receipt)
    except (ValueError, KeyError):  # a receipt that shows no decision to this reader
        return
    typer.echo(f"It proves: {proved.mrn or proved.references.get('lrn') or proved.record} is {proved.outcome}.")
    if given == receipt:
        return
    answer = msgspec.json.decode(given)
    said: dict[str, object] = {
        name: proved.told[name] for name in ("control", "ground", "law", "action", "state", "version")
    }
    said |= {"record": proved.record, "mrn": proved.mrn, "outcome": proved.outcome, "duties": list(proved.duties)}
    if "outcome" in answer:  # the answer to an act has the actor's own reference
        said["reference"] = proved.references.get("lrn")
    rules = [finding.rule for finding in proved.findings]
    wrong = [name for name, value in said.items() if name in answer and answer[name] != value]
    if "findings" in answer and sorted(one.get("rule", "") for one in answer["findings"]) != sorted(rules):
        wrong.append("findings")
    if wrong:
        raise InputError(
            f"{file} says of {', '.join(wrong)} what its receipt does not prove; believe the receipt alone"
        )


def _key_text(given: str | None) -> str:
    if given is None:
        return ""
    if not given.strip():
        raise InputError("--vkey is empty; give the log key you trust, or leave the option out")
    file = Path(given)
    return _content(file).decode("utf-8", "replace").strip() if given and file.is_file() else given


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error


def _own_key(fetch: Fetch, log: str) -> str:
    named = fetch("vkey")
    if named is None:
        raise InputError(f"{log} names no key of its own; give the one you trust with --vkey")
    return named.decode("utf-8", "replace").strip()


@contextmanager
def _published(log: str) -> Iterator[Fetch]:
    """What stands at a path of this log: over HTTP, in a folder of its files, or in a node's own folder."""
    if log.startswith(("http://", "https://")):
        fetch = _over_http(log)
        _log_at(log.rstrip("/"), fetch)
        yield fetch
    elif (Path(log) / "node.sqlite").is_file():
        from .scratch import node_on, stated

        with node_on(stated(data=Path(log)), quiet=True) as node:
            yield lambda path: f"{node.log.key}".encode() if path == "vkey" else node.log.published(path)
    elif Path(log).is_dir():
        yield lambda path: (Path(log) / path).read_bytes() if (Path(log) / path).is_file() else None
    else:
        raise InputError(f"{log}: there is no such folder")


def _log_at(base: str, fetch: Fetch) -> None:
    """Nothing, if a log begins here. Raises InputError where none does, and says where that of a node stands."""
    if fetch("checkpoint") is None:
        hint = "" if base.endswith("/v1/log") else f"; the log of a node stands under {base}/v1/log"
        raise InputError(f"{base} is no log: there is no checkpoint{hint}")


def _over_http(log: str) -> Fetch:
    import httpx2

    client = httpx2.Client(timeout=30, follow_redirects=False)
    base = log.rstrip("/")

    def fetch(path: str) -> bytes | None:
        try:
            answer = client.get(f"{base}/{path}")
        except httpx2.HTTPError as error:
            raise EnvironmentFault(f"{base} does not answer: {error}") from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise EnvironmentFault(f"{base}/{path} answers with status {answer.status_code}")
        return answer.content

    return fetch
