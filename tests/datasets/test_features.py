"""The spectrogram is the one that micro_speech's firmware computes."""

import hashlib

import numpy as np
import pytest

from tinybench.datasets import features
from tinybench.datasets.features import Pcm


def chirp(seed: int) -> Pcm:
    """A rising tone in noise."""
    time = np.arange(features.CLIP) / features.RATE
    noise = np.random.default_rng(seed).normal(0, 300, features.CLIP)
    return np.rint(6000 * np.sin(2 * np.pi * (200 + 1500 * time) * time) + noise).astype(np.int16)


def test_a_second_has_49_frames_of_40_channels() -> None:
    raw, codes = features.spectrogram(chirp(1)), features.features(chirp(1))

    assert raw.shape == codes.shape == (49, 40)
    assert raw.dtype == np.uint16
    assert codes.dtype == np.uint8


@pytest.mark.parametrize(("samples", "frames"), [(480, 1), (799, 1), (800, 2), (32_000, 99)])
def test_a_frame_needs_30_ms_and_the_next_20_more(samples: int, frames: int) -> None:
    assert features.spectrogram(np.zeros(samples, np.int16)).shape == (frames, 40)


def test_spectrogram_is_frozen() -> None:
    """Integer arithmetic: the same bytes on every CPU. Changed settings would be other features."""
    found = hashlib.sha256(features.spectrogram(chirp(1)).tobytes()).hexdigest()

    assert found == "03d0c263d5273f96031871c4367522a3af4e82f84816ab11078e69c520c32e72"


def test_a_rising_tone_rises_through_the_channels() -> None:
    """Its loudest channel: 200 Hz at the start, 3200 Hz at the end."""
    loudest = features.features(chirp(1)).argmax(axis=1)

    assert loudest[2] < 5
    assert 20 < loudest[-3] < 35


def test_codes_are_micro_speechs_int8_values_plus_128() -> None:
    """Its C: `(value * 256 + 333) / 666 - 128` in int32, clipped to -128…127."""
    raw = np.arange(1500, dtype=np.uint16)
    int8 = [min(max((int(value) * 256 + 333) // 666 - 128, -128), 127) for value in raw]

    assert features.quantized(raw).tolist() == [value + 128 for value in int8]


@pytest.mark.parametrize(
    ("raw", "code"), [(0, 0), (1, 0), (2, 1), (333, 128), (664, 255), (700, 255)]
)
def test_quantized(raw: int, code: int) -> None:
    assert features.quantized(np.array([raw], np.uint16)).tolist() == [code]


def test_clips_together_are_clips_alone() -> None:
    """The noise estimate of a clip does not reach the next, in or across batches."""
    clips = [chirp(seed) for seed in range(3)]
    many = [clips[index % 3] for index in range(features.BATCH + 2)]

    together = features.of_clips(many)

    alone = [features.features(clip).tobytes() for clip in clips]
    assert [codes.tobytes() for codes in together] == [
        alone[index % 3] for index in range(len(many))
    ]


def test_no_clips_have_no_features() -> None:
    assert features.of_clips([]).shape == (0, 49, 40)


def test_inputs_are_256ths_and_targets_one_hot() -> None:
    split = features.split_of(np.full((2, 49, 40), 255, np.uint8), np.array([2, 0]), 3)

    assert split.x.shape == (2, 49, 40, 1)
    assert (split.x == np.float32(255 / 256)).all()
    assert split.y.tolist() == [[0, 0, 1], [1, 0, 0]]
