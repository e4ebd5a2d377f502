"""The tariff: measures, duty expressions, customs value, and the assessment of duties and taxes.

`assess` is hop 3. `verify` says whether an edition's tariff law holds together; `explain` tells how an amount came
about; `settle` grants quotas from the balances known; `RULES` are the
findings of this package.
"""

from .assess import assess
from .breach import RULES
from .claim import GRANTED, settle
from .measure import verify
from .trace import explain, traces

__all__ = ["GRANTED", "RULES", "assess", "explain", "settle", "traces", "verify"]
