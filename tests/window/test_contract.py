"""Whatever a stranger sends, the window answers as its OpenAPI says, and never with a fault of its own."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from landsea.node.assemble import Node
from landsea.node.settings import Settings
from landsea.window import create_app

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def node(tmp_path_factory, edition):
    with Node(Settings(data=tmp_path_factory.mktemp("contract")), edition=edition) as node:
        yield node


@pytest.fixture(scope="module")
def key(node):
    return {"Authorization": f"Bearer {node.access.grant('stranger', 'trader')}"}


@pytest.fixture(scope="module")
def operations(node):
    """What the window offers, by operation id, as its own OpenAPI tells."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(node))
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


OFFERED = (
    "lodge",
    "act",
    "arrive",
    "status",
    "responses",
    "receipt",
    "clock",
    "queue",
    "cargo_lodge",
    "cargo_report",
    "cargo_of",
    "cargo_undeclared",
    "gate",
    "drafts",
    "draft",
    "draft_make",
    "draft_keep",
    "draft_drop",
    "draft_check",
    "draft_fill",
    "draft_again",
    "institute",
    "instruments",
    "pay",
    "statement",
    "supplements",
    "offers",
    "agency_queue",
    "agency_declaration",
    "agency_figures",
    "value_evidence",
    "mandate_give",
    "mandate_revoke",
    "mandates",
    "standing",
    "stop",
    "stop_confirm",
    "stop_lift",
    "stops",
    "right_accept",
    "right_end",
    "rights",
    "suspensions",
    "paper",
    "proof",
    "subscribe",
    "subscriptions",
    "unsubscribe",
    "metrics",
    "log_key",
    "log_file",
    "rules",
    "health",
    "ready",
)


def test_each_operation_is_tried(operations):
    assert set(operations) == set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_the_window_keeps_its_contract(operations, key, name):
    @given(case=operations[name].as_strategy())
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case):
        case.call_and_validate(headers=key, checks=CHECKS)

    tried()
