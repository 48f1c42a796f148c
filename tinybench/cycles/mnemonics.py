"""Thumb instructions by what they do and by the architecture that has them; capstone's names.

Names are without conditions, `s` and `.w`, as capstone's instruction identifiers are.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MOVES_AND_SUMS_V6M = _names(
    "adc add adr and asr bic cmn cmp eor lsl lsr mov movs mvn neg orr rev rev16 revsh ror rsb sbc "
    "sub subs sxtb sxth tst uxtb uxth"
)
MOVES_AND_SUMS_V7M = MOVES_AND_SUMS_V6M | _names(
    "addw bfc bfi clrex clz movt movw orn rbit rrx sbfx ssat subw teq ubfx usat"
)
MOVES_AND_SUMS_DSP = _names(
    "pkhbt pkhtb qadd qadd16 qadd8 qasx qdadd qdsub qsax qsub qsub16 qsub8 sadd16 sadd8 sasx sel "
    "shadd16 shadd8 shasx shsax shsub16 shsub8 ssat16 ssax ssub16 ssub8 sxtab sxtab16 sxtah sxtb16 "
    "uadd16 uadd8 uasx uhadd16 uhadd8 uhasx uhsax uhsub16 uhsub8 uqadd16 uqadd8 uqasx uqsax "
    "uqsub16 uqsub8 usad8 usada8 usat16 usax usub16 usub8 uxtab uxtab16 uxtah uxtb16"
)
MULTIPLY_ADDS_V7M = _names("mla mls")
LONG_MULTIPLIES_V7M = _names("smull umull")
LONG_MULTIPLY_ADDS_V7M = _names("smlal umlal")
MULTIPLIES_DSP = _names(
    "smmul smmulr smuad smuadx smulbb smulbt smultb smultt smulwb smulwt smusd smusdx"
)
MULTIPLY_ADDS_DSP = _names(
    "smlabb smlabt smlad smladx smlalbb smlalbt smlald smlaldx smlaltb smlaltt smlatb smlatt "
    "smlawb smlawt smlsd smlsdx smlsld smlsldx smmla smmlar smmls smmlsr umaal"
)
DIVISIONS = _names("sdiv udiv")

LOADS_V6M = _names("ldr ldrb ldrh ldrsb ldrsh")
LOADS_V7M = LOADS_V6M | _names("ldrbt ldrex ldrexb ldrexh ldrht ldrsbt ldrsht ldrt pld")
LOADS_V8M = LOADS_V7M | _names("lda ldab ldaex ldaexb ldaexh ldah")
STORES_V6M = _names("str strb strh")
STORES_V7M = STORES_V6M | _names("strbt strex strexb strexh strht strt")
STORES_V8M = STORES_V7M | _names("stl stlb stlex stlexb stlexh stlh")
LOADS_OF_MANY_V6M = _names("ldm pop")
LOADS_OF_MANY_V7M = LOADS_OF_MANY_V6M | _names("ldmdb ldrd")
STORES_OF_MANY_V6M = _names("push stm")
STORES_OF_MANY_V7M = STORES_OF_MANY_V6M | _names("stmdb strd")

BRANCHES_V6M = _names("b")
BRANCHES_V7M = BRANCHES_V6M | _names("cbnz cbz")
LINKS = _names("bl")
EXCHANGES = _names("blx bx")
EXCHANGES_V8M = EXCHANGES | _names("blxns bxns")
TABLE_BRANCHES = _names("tbb tbh")
BARRIERS = _names("dmb dsb isb")
SYSTEM = _names("mrs msr")
INTERRUPT_MASKS = _names("cps")
NOPS = _names("nop sev yield")
IF_THEN = _names("it")

FLOAT_SUMS = _names(
    "vabs vadd vcmp vcmpe vcvt vcvtb vcvtr vcvtt vmov vmul vneg vnmul vsub fconsts fcmpzs"
)
FLOAT_SUMS_V5 = FLOAT_SUMS | _names(
    "vcvta vcvtm vcvtn vcvtp vmaxnm vminnm vrinta vrintm vrintn vrintp vrintr vrintx vrintz vseleq "
    "vselge vselgt vselvs"
)
FLOAT_STATUS = _names("fmstat vmrs vmsr")
FLOAT_MULTIPLY_ADDS = _names("vfma vfms vfnma vfnms vmla vmls vnmla vnmls")
FLOAT_DIVISIONS = _names("vdiv vsqrt")
FLOAT_LOADS = _names("vldr")
FLOAT_STORES = _names("vstr")
FLOAT_LOADS_OF_MANY = _names("vldmdb vldmia vpop")
FLOAT_STORES_OF_MANY = _names("vpush vstmdb vstmia")
