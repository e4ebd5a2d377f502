"""The tariff: measures, duty expressions, customs value, and the assessment of duties and taxes.

`assess` is hop 3. `verify` says whether an edition's tariff law holds together; `explain` tells how an amount came
about; `claims` lists what would be drawn on quotas; `RULES` are the findings of this package.
"""

from .assess import assess, claims
from .breach import RULES
from .measure import verify
from .trace import explain, traces

__all__ = ["RULES", "assess", "claims", "explain", "traces", "verify"]
