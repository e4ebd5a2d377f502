from databases import quiet
from landsea.node import counters
from lodged import decisions, declaration, lodgement


def counted(node, line):
    """The value on this line of the metrics; None where there is no such line."""
    return next((int(told.split()[1]) for told in node.metrics().splitlines() if told.startswith(f"{line} ")), None)


def test_counters_grow_by_label_and_are_told_with_gauges_in_prometheus_form(node):
    for grown in ({'outcome="held"': 1}, {'outcome="held"': 2, 'outcome="released"': 1}, {}):
        with node.store.writing() as connection:
            counters.count(node.store, connection, "decisions", grown)
    with node.store.reading() as connection:
        assert counters.told(connection, log_size=12).splitlines() == [
            "# TYPE landsea_decisions counter",
            'landsea_decisions{outcome="held"} 3',
            'landsea_decisions{outcome="released"} 1',
            "# TYPE landsea_log_size gauge",
            "landsea_log_size 12",
        ]


def test_a_decision_is_counted_once_by_whichever_process_and_over_a_restart(settings, edition):
    with quiet(settings, edition) as one, quiet(settings, edition) as other:
        for node, lrn in ((one, "L1"), (other, "L2"), (other, "L1")):
            node.lodge(lodgement(declaration(lrn))).result(60)
        one.metrics()  # each adds its own figures to those all share
        other.metrics()
        assert one.metrics() == other.metrics()
    with quiet(settings, edition) as again:
        told = again.metrics()
        assert sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("landsea_decisions{")) == 2
        assert counted(again, "landsea_log_size") == 2 + 2 + 2  # two records each, and the commitments to two seeds


def test_lodgements_findings_lots_and_the_seconds_of_each_hop_are_counted(node):
    answers = node.clear([lodgement(declaration("L1")), lodgement(declaration("L2"))])
    node.clear([lodgement(declaration("L1")), lodgement(declaration("L2", price="1.00"))])
    assert len(answers) == 2
    assert counted(node, "landsea_lots{}") == 2
    said = {
        name: counted(node, f'landsea_lodgements{{answer="{name}"}}') for name in ("recorded", "repeated", "conflict")
    }
    assert said == {"recorded": 2, "repeated": 1, "conflict": 1}
    assert counted(node, 'landsea_findings{severity="warning"}') == sum(
        decision["warnings"] for answer in answers for decision in decisions(answer)
    )
    told = node.metrics()
    assert told.count("# TYPE landsea_hop_seconds summary") == 1
    for hop in ("read", "gather", "clear", "commit"):
        assert f'landsea_hop_seconds_sum{{hop="{hop}"}} 0.' in told
        assert counted(node, f'landsea_hop_seconds_count{{hop="{hop}"}}') >= 1
    assert counted(node, "landsea_queue") == 0


def test_figures_of_a_process_are_kept_when_it_closes(settings, edition):
    with quiet(settings, edition) as node:
        node.clear([lodgement(declaration("L1"))])
    with quiet(settings, edition) as again:
        assert counted(again, "landsea_lots{}") == 1
