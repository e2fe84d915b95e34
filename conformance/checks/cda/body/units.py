"""Whether a unit is one of UCUM: its grammar, and its atoms.

Source: The Unified Code for Units of Measure, v2.1 (Regenstrief Institute), sections 2 and 3, case sensitive symbols.
Atoms that a health record cannot need (CGS of electromagnetism apart from a few, printing, knitting) are left out of
:data:`_OTHER`; prefixes go with the metric atoms only.
"""

from __future__ import annotations

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PREFIXES = _words("Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti")
_METRIC = _words(
    "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv L l ar t bar u eV pc "
    "kat U [iU] [IU] eq osm cal cal_[15] cal_[20] cal_m cal_IT cal_th g% st Ci R RAD REM bit By Bd Np B "
    "B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] dyn erg P Ky St Mx G Oe Gb ph sb Lmb gf [m/s2/Hz^(1/2)] "
    "[CFU]"
)
_OTHER = _words(
    "10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] deg gon ' '' min h d wk a a_t a_j a_g mo mo_s mo_j mo_g a [c] [h] [k] "
    "[in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [in_us] [ft_us] "
    "[yd_us] [rd_us] [ch_us] [mi_us] [acr_us] [in_br] [in_uk] [ft_br] [ft_uk] [acr_br] [gal_us] [bbl_us] [qt_us] [pt_us] "
    "[gil_us] [foz_us] [fdr_us] [min_us] [gal_br] [qt_br] [pt_br] [foz_br] [tbs_us] [tsp_us] [cup_us] [foz_m] [cup_m] "
    "[tsp_m] [tbs_m] [gr] [lb_av] [oz_av] [dr_av] [stone_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [lb_tr] [oz_tr] "
    "[lb_ap] [oz_ap] [dr_ap] [sc_ap] [pwt_tr] [degF] [degR] [degRe] atm att m[Hg] m[H2O] [in_i'Hg] [in_i'H2O] [psi] "
    "[lbf_av] [Cal] [HP] [diop] [p'diop] %[slope] [hp_X] [hp_C] [hp_M] [hp_Q] [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [drp] [Ch] "
    "[hnsf'U] [MET] [PRU] [wood'U] [HPF] [LPF] [pH] [S] [mesh_i] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] "
    "[anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] "
    "[FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [ELU] [EU] circ sph [car_m] [car_Au] [smoot] "
    "bit_s Ao b att [m/s2] [g] [G] [e] [m_e] [m_p] [eps_0] [mu_0] [ly] [lne] [pnt] REM RAD"
)
_ATOMS = frozenset([*_OTHER, *_METRIC, *(p + atom for p in _PREFIXES for atom in (*_METRIC, "m[Hg]", "m[H2O]"))])
_ANNOTATION = re.compile(r"\{[\x21-\x7a|~ ]*\}")
_EXPONENT = re.compile(r"(.*?[^\d+-])([+-]?\d+)$")
_LIMIT = 100


def is_ucum(unit: str) -> bool:
    """Whether a unit is well formed and made of known atoms."""
    if unit in _ATOMS:
        return True
    bare = _ANNOTATION.sub("", unit)
    if len(unit) > _LIMIT or any(c.isspace() for c in bare):
        return False
    if not bare:
        return bool(unit)  # an annotation alone is the unity, with a note
    return _term(bare.removeprefix("/"))


def _term(text: str) -> bool:
    if not text:
        return True  # what an annotation left: "/{tablet}"
    return all(_component(part) for part in _factors(text))


def _factors(text: str) -> list[str]:
    """The factors between ``.`` and ``/``, brackets and parentheses kept whole."""
    parts, depth, current = [], 0, ""
    for char in text:
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        if char in "./" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]


def _component(text: str) -> bool:
    if text.startswith("(") and text.endswith(")"):
        return _term(text[1:-1])
    if not text or text.isdigit() or text in _ATOMS:
        return True  # an empty factor is an annotation alone
    power = _EXPONENT.fullmatch(text)
    if power is None:
        return False
    return power[1] in _ATOMS or (power[1].startswith("(") and power[1].endswith(")") and _term(power[1][1:-1]))
