"""The rules of clearance on establishments and mandates: where each points and on what it stands."""

import re

from landsea.clearance.breach import RULES
from landsea.declaration.element import element


def test_each_rule_has_a_place_a_requirement_and_a_source():
    for name, rule in RULES.items():
        assert re.fullmatch(r"CLR-[123]\d\d", name)
        assert not element(rule.path).is_class, name
        assert rule.sentence.endswith("."), name
        assert len(rule.reference) > 8, name
