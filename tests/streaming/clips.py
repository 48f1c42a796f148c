"""A second and a half each of all kinds of sound, the extremes of 16 bits among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SECONDS = np.arange(24000) / 16000


def noise(amplitude: float) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, amplitude, len(SECONDS))


def square(half_period: int) -> NDArray[np.float64]:
    return np.where(np.arange(len(SECONDS)) // half_period % 2, 32767.0, -32768.0)


def chirp(amplitude: float) -> NDArray[np.float64]:
    return amplitude * np.sin(2 * np.pi * (50 * SECONDS + 2600 * SECONDS**2))


def voice(seed: int) -> NDArray[np.float64]:
    """Harmonics of a wandering pitch through a formant, in syllables."""
    random = np.random.default_rng(seed)
    pitch = random.uniform(80, 300) * (1 + 0.2 * np.sin(2 * np.pi * 3 * SECONDS))
    phase = np.cumsum(pitch) * 2 * np.pi / 16000
    formant = random.uniform(300, 3000)
    harmonics = [
        np.sin(order * phase) * np.exp(-(((order * pitch - formant) / 600) ** 2))
        for order in range(1, 20)
    ]
    syllables = np.clip(np.sin(2 * np.pi * random.uniform(1, 4) * SECONDS), 0, 1) ** 2
    loud = 10 ** random.uniform(1, 4.2)
    return np.asarray(sum(harmonics) * syllables * loud + noise(10 ** random.uniform(0, 3)))


def spikes(apart: int) -> NDArray[np.float64]:
    """The lowest sample, whose magnitude 16 bits do not hold, in near silence."""
    samples = np.zeros(len(SECONDS))
    samples[::apart], samples[1::apart] = -32768, 3
    return samples


CLIPS = {
    "silence": np.zeros(len(SECONDS)),
    "lowest": np.full(len(SECONDS), -32768.0),
    "highest": np.full(len(SECONDS), 32767.0),
    **{f"square {half}": square(half) for half in (1, 3, 40, 333)},
    **{f"spikes {apart}": spikes(apart) for apart in (2, 500, 7777)},
    **{f"noise {loud}": noise(loud) for loud in (0.4, 1, 3, 30, 300, 3000, 12000, 40000)},
    **{f"chirp {loud}": chirp(loud) for loud in (1, 10, 1000, 32767)},
    **{f"voice {seed}": voice(seed) for seed in range(12)},
    "drift": np.cumsum(noise(300)) % 60000 - 30000,
}


def pcm(name: str) -> NDArray[np.int16]:
    samples: NDArray[np.int16] = np.clip(np.rint(CLIPS[name]), -32768, 32767).astype(np.int16)
    return samples
