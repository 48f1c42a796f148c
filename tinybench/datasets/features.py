"""TFLM's micro frontend: the spectrogram that micro_speech's firmware hands to its net.

One second of 16 kHz PCM becomes 49 frames of 40 channels, an integer in 0…255 each.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench import tensorflow
from tinybench.console import capture
from tinybench.datasets.data import Split
from tinybench.datasets.evaluation import Grid

SILENCE, UNKNOWN = "silence", "unknown"
"""The first two classes of every keyword task: no word, and any other word."""
RATE = 16_000
"""Sampling rate of all audio, in Hz."""
CLIP = RATE
"""Samples of one clip: one second."""
FRAMES, CHANNELS = 49, 40
PARAMETERS = {
    "sample_rate": RATE,
    "window_size": 30,
    "window_step": 20,
    "num_channels": CHANNELS,
    "lower_band_limit": 125.0,
    "upper_band_limit": 7500.0,
    "smoothing_bits": 10,
    "even_smoothing": 0.025,
    "odd_smoothing": 0.06,
    "min_signal_remaining": 0.05,
    "enable_pcan": True,
    "pcan_strength": 0.95,
    "pcan_offset": 80.0,
    "gain_bits": 21,
    "enable_log": True,
    "scale_shift": 6,
    "out_scale": 1,
}
"""The settings of micro_speech's firmware; window and step in ms, band limits in Hz."""
FULL_SCALE = 666
"""Frontend output that becomes 256: micro_speech's rounded 25.6 · 26."""
BATCH = 256
"""Clips handed to TensorFlow at once."""
GRID = Grid("uint8", 1 / 256)
"""The net's float input is code / 256."""

Pcm: TypeAlias = NDArray[np.int16]


def spectrogram(pcm: Pcm) -> NDArray[np.uint16]:
    """The frontend's output (frames, 40) of 16 kHz PCM (samples,), its noise estimate at rest.

    Hann windows of 30 ms every 20 ms, 40 mel-like channels from 125 to 7500 Hz, noise reduction
    (10 smoothing bits, 0.025 even, 0.06 odd, at least 0.05 of the signal left), PCAN gain control
    (strength 0.95, offset 80, 21 gain bits) and logarithm (shift 6). One second gives 49 frames.
    """
    return np.asarray(_frontend()(tensorflow.load().tf.constant(pcm, np.int16)).numpy(), np.uint16)


def features(pcm: Pcm) -> NDArray[np.uint8]:
    """The net's input codes (frames, 40) of 16 kHz PCM (samples,): `quantized(spectrogram(pcm))`.

    They are micro_speech's int8 inputs plus 128.
    """
    return quantized(spectrogram(pcm))


def quantized(spectrogram: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """(256 s + 333) / 666 in integers, at most 255: micro_speech's rounding."""
    scaled = (spectrogram.astype(np.int32) * 256 + FULL_SCALE // 2) // FULL_SCALE
    return np.minimum(scaled, 255).astype(np.uint8)


def of_clips(clips: Iterable[Pcm]) -> NDArray[np.uint8]:
    """`features` (N, 49, 40) of clips of one second, taken as they come: 0.3 ms each."""
    found = [quantized(_many(np.stack(group))) for group in _groups(iter(clips))]
    return np.concatenate(found) if found else np.empty((0, FRAMES, CHANNELS), np.uint8)


def split_of(codes: NDArray[np.uint8], classes: NDArray[np.int64], count: int) -> Split:
    """Inputs (N, 49, 40, 1) and one-hot targets (N, count) of codes and class indices (N,)."""
    return Split(GRID.values(codes)[..., None], np.eye(count, dtype=np.float32)[classes])


def _groups(clips: Iterator[Pcm]) -> Iterator[list[Pcm]]:
    while group := list(islice(clips, BATCH)):
        yield group


def _many(clips: Pcm) -> NDArray[np.uint16]:
    return np.asarray(_mapped()(tensorflow.load().tf.constant(clips, np.int16)).numpy(), np.uint16)


@functools.cache
def _mapped() -> Any:
    tf, frontend = tensorflow.load().tf, _frontend()
    shape = tf.TensorSpec([FRAMES, CHANNELS], tf.uint16)

    # A call for each clip: the noise estimate starts afresh with every call.
    @tf.function(input_signature=[tf.TensorSpec([None, CLIP], tf.int16)])  # type: ignore[untyped-decorator]
    def run(clips: Any) -> Any:
        return tf.map_fn(frontend, clips, fn_output_signature=shape)

    return run


@functools.cache
def _frontend() -> Any:
    tf = tensorflow.load().tf
    # TensorFlow's own module, though it is not reached from `tf`: it loads a compiled kernel.
    with capture.stderr():
        from tensorflow.lite.experimental.microfrontend.python.ops import audio_microfrontend_op

    return functools.partial(
        audio_microfrontend_op.audio_microfrontend, **PARAMETERS, out_type=tf.uint16
    )
