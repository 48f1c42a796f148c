"""Who answers an export's test vectors: TFLM, or what comes nearest where it is not installed."""

from __future__ import annotations

import enum

from tinybench.environment import package_version


class Reference(enum.Enum):
    """The value is what it is called, the manifest's and the header's words are made of it."""

    TFLM = "tflite-micro"
    CODE = "the generated C on this computer"
    LITERT = "ai-edge-litert"

    @property
    def about(self) -> str:
        """In the comment of the test vectors."""
        return {
            Reference.TFLM: "TensorFlow Lite for Microcontrollers",
            Reference.CODE: "the generated C itself, not TFLM,",
            Reference.LITERT: "LiteRT",
        }[self]

    def stated(self) -> str:
        """With its version."""
        if self is Reference.CODE:
            return str(self.value)
        return f"{self.value} {package_version(str(self.value))}"

    @property
    def caution(self) -> str:
        """What such vectors do not show; nothing to be said of TFLM's."""
        return {
            Reference.TFLM: "",
            Reference.CODE: "they check your compiler and board, not the C itself",
            Reference.LITERT: "TensorFlow Lite Micro may round some of them otherwise",
        }[self]
