"""Decided lots for tests: risk, decision and known without the hops before them."""

from landsea.clearance.decide import decide
from landsea.risk.select import select
from risk.situation import assessed, declarations, known
from risk.test_select import edition_with, profile

LAW = edition_with(
    *(
        profile(f'hs starts_with "{chapter}"', id=f"T-{control}", control=control)
        for chapter, control in (
            ("01", "documents"),
            ("02", "scan"),
            ("03", "physical"),
            ("04", "sample"),
            ("05", "audit"),
        )
    )
)
CHAPTER = {"none": "90", "documents": "01", "scan": "02", "physical": "03", "sample": "04", "audit": "05"}


def decided(*told, findings=(), taxes=(), law=LAW, **frames):
    """These declarations decided under `LAW`, where chapters 01 to 05 are controlled, with what is known besides."""
    lot = declarations(*told)
    what = known(lot, **frames)
    return decide(select(assessed(lot, findings, taxes), what, law), what, law)


def controlled(control, **more):
    """A declaration of goods for which `LAW` asks this control."""
    return {"items": [{"hs": CHAPTER[control] + "0000"}]} | more
