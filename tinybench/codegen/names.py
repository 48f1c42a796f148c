"""What the names of generated C begin with, and which beginnings would clash with others'."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tinybench.codegen.graph import UnsupportedError

DEFAULT = "model"
SHARED = ("tb_", "test_")
"""What names of the kernels and test vectors begin with, in capitals as macros."""

_IDENTIFIER = re.compile(r"[a-z]\w*", re.ASCII | re.IGNORECASE)
_ENDINGS = ("_data", "_settings", "_test_vectors", "_tflm")
"""`sensor_data` has a header sensor_data.h, and so has `sensor`."""
_KEYWORDS = """
alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool
break case catch char char16_t char32_t char8_t class co_await co_return co_yield compl complex
concept const const_cast consteval constexpr constinit continue decltype default delete do double
dynamic_cast else enum explicit export extern false final float for friend goto if imaginary
import inline int long module mutable namespace new noexcept noreturn not not_eq null nullptr
operator or or_eq override private protected public reflexpr register reinterpret_cast requires
restrict return short signed sizeof static static_assert static_cast struct switch synchronized
template this thread_local throw true try typedef typeid typename typeof typeof_unqual union
unsigned using virtual void volatile wchar_t while xor xor_eq
"""
_LIBRARY = """
abort abs acos acosh algorithm array asctime asin asinh assert atan atan2 atanh atexit atof atoi
atol atoll atomic bitset bsearch calloc cbrt ceil chrono clearerr clock cmath copysign cos cosh
cstdint cstdlib cstring ctime ctype deque difftime div erf erfc errno exception exit exp exp2
expm1 fabs fclose fdim fenv feof ferror fflush fgetc fgetpos fgets floor fma fmax fmin fmod fopen
fpclassify fprintf fputc fputs fread free freopen frexp fscanf fseek fsetpos ftell functional
fwrite getc getchar getenv gets gmtime hypot ilogb index initializer_list inttypes iostream
isalnum isalpha isblank iscntrl isdigit isfinite isgraph isinf islower isnan isnormal iso646
isprint ispunct isspace isupper isxdigit iterator j0 j1 jn labs ldexp ldiv lgamma limits list
llabs lldiv llrint llround locale localeconv localtime log log10 log1p log2 logb longjmp lrint
lround main malloc map math mblen mbstowcs mbtowc memccpy memchr memcmp memcpy memmem memmove
memory memset mktime modf mutex nan nearbyint nextafter nexttoward numeric optional ostream perror
pow printf putc putchar puts qsort queue raise rand random read realloc regex remainder remove
remquo rename rewind rindex rint round scalbln scalbn scanf set setbuf setjmp setlocale setvbuf
signal signbit sin sinh snprintf span sprintf sqrt srand sscanf stack std stdalign stdarg
stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn strcasecmp strcat strchr
strcmp strcoll strcpy strcspn strdup strerror strftime string string_view strings strlen strncat
strncmp strncpy strndup strnlen strpbrk strrchr strspn strstr strtod strtof strtok strtol strtold
strtoll strtoul strtoull strxfrm system tan tanh tgamma tgmath thread threads time tmpfile tmpnam
tolower toupper trunc tuple type_traits uchar ungetc unistd utility va_arg va_copy va_end va_start
variant vector vfprintf vprintf vsnprintf vsprintf wchar wcstombs wctomb wctype write y0 y1 yn
"""
"""Headers that a file NAME.h would hide, and functions whose NAME.c a project may have."""
_FIRMWARE = """
audio audio_tables benchmark board built_in cmsdk_timer common debounce decision fft fft_point
fft_tables files gesture kernels keyword manifest measure pipeline quantize recognizer recording
report run scores semihosting sine_led startup test test_vectors text vectors
"""
"""Files, programs and names of firmware/, beside which a model is built."""


class PrefixError(UnsupportedError):
    """A prefix, or an arena, that no names in C can begin with."""

    page = "bad-prefix"


@dataclass(frozen=True, slots=True)
class Names:
    """How the C of a model is named, and the arena if it is another's that it only uses."""

    prefix: str = DEFAULT
    shared_arena: str | None = None

    def __post_init__(self) -> None:
        """Raise PrefixError for a name that would not compile, or clash with others."""
        check("prefix", self.prefix)
        if self.shared_arena is not None:
            check("arena", self.shared_arena)
            if self.shared_arena.lower().startswith(f"{self.prefix}_".lower()):
                raise PrefixError(
                    f"arena {self.shared_arena!r}: what begins with {self.prefix}_ is this model's"
                    " own: name it otherwise, such as shared_arena"
                )

    @property
    def upper(self) -> str:
        """What macros begin with."""
        return self.prefix.upper()

    @property
    def arena(self) -> str:
        """The symbol of the memory that all tensors are in."""
        return self.shared_arena or f"{self.prefix}_arena"

    @property
    def array(self) -> str:
        """The symbol of the `.tflite` file."""
        return f"g_{self.prefix}"

    @property
    def taken(self) -> str:
        """What a compiler says if another model has the prefix, too."""
        return f"two models have the prefix {self.prefix}: export one of them with --prefix NAME"

    def file(self, ending: str) -> str:
        """A file of the export: `model_settings.h`; the test vectors of `model` are just that."""
        return ending if self._plain and ending == "test_vectors.h" else f"{self.prefix}_{ending}"

    def own(self, text: str) -> str:
        """Code that every export has, under names of this one: two of them never meet.

        Two models' kernels are the same files with other specializations, or of other versions.
        """
        if self._plain:
            return text
        for shared in SHARED:
            for old, new in ((shared, self.prefix), (shared.upper(), self.upper)):
                text = re.sub(rf"\b{old}(?=\w)", f"{new}_{old}", text)
        return text

    @property
    def _plain(self) -> bool:
        return self.prefix == DEFAULT


def check(what: str, name: str) -> None:
    """Raise PrefixError unless the name may begin names of C and C++."""
    if not _IDENTIFIER.fullmatch(name) or name.lower().startswith("tb_"):
        raise PrefixError(
            f"{what} {name!r}: use letters, digits and _, a letter first, no tb_ in front"
        )
    lower = name.lower()
    reason = ""
    if "__" in name or name.endswith("_"):
        reason = "names with two _ in a row are the compiler's"
    elif lower in _KEYWORDS.split():
        reason = "it is a word of C or C++"
    elif lower in _LIBRARY.split():
        reason = "the C or C++ library has that name"
    elif lower in _FIRMWARE.split() or lower.startswith("test_"):
        reason = "the firmware project has that name"
    elif found := next((each for each in _ENDINGS if lower.endswith(each)), None):
        reason = f"{name[: -len(found)]!r} would have a file or macro of that name"
    if reason:
        other = "" if "two _" in reason else f", such as {name}_net"
        raise PrefixError(f"{what} {name!r}: {reason}; choose another{other}")
