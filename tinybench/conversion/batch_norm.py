"""Batch norm that the converter folds into the same weights on every processor.

It computes 1/sqrt(variance + epsilon) by TensorFlow's Rsqrt, which starts from the processor's own
approximation (RSQRTPS: AMD and Intel have other tables) and ends up to 3 ulp off. Everything after
that is IEEE arithmetic, so a layer of the same function can be handed over in its place, whose
scale comes out as the value computed in float64 and rounded once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.tensorflow import KerasModel, is_keras3, layers_of, load, load_keras3

LEAST_MEAN = 2.0**-100
"""A mean that changes no offset. The converter would leave out one of 0, and name tensors after
the weights that are left: a longer file."""
SUMS = (1 + 2**-12, 1 - 2**-12, 1 - 2**-11)
"""Of variance and epsilon, one of which serves each channel. The inverse root is near 1, where
nearly every float is the product of some float with it; and not 1, for the converter would leave
out that product and name tensors otherwise."""
NEIGHBOURS = (0, -1, 1, -2, 2)
"""Floats around a quotient, in ulp, that are tried for the factor."""

Floats = NDArray[np.float32]


@contextlib.contextmanager
def exactly_folded(model: KerasModel) -> Iterator[None]:
    """Within the block the model's batch norms fold exactly; afterwards its weights are back.

    Layers without scale or offset are left as they are.
    """
    layers = [layer for layer in layers_of(model) if _is_foldable(layer)]
    kept = [layer.get_weights() for layer in layers]
    try:
        for layer in layers:
            _hand_over(layer)
        yield
    finally:
        for layer, weights in zip(layers, kept, strict=True):
            layer.set_weights(weights)


def scale_and_offset(layer: Any) -> tuple[Floats, Floats]:
    """What a batch norm multiplies by and adds (channels,), in float64 and rounded once."""
    gamma, beta, mean, variance = (
        np.asarray(weight.numpy(), np.float64)
        for weight in (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return scale.astype(np.float32), (beta - mean * scale).astype(np.float32)


def _is_foldable(layer: Any) -> bool:
    keras = load_keras3() if is_keras3(layer) else load().keras
    return (
        isinstance(layer, keras.layers.BatchNormalization)
        and bool(layer.scale and layer.center)
        and np.dtype(getattr(layer.gamma.dtype, "as_numpy_dtype", layer.gamma.dtype)) == np.float32
    )


def _hand_over(layer: Any) -> None:
    """Give a layer the weights from which this processor's Rsqrt makes the exact scale."""
    tf = load().tf
    scale, offset = scale_and_offset(layer)
    epsilon = np.float32(layer.epsilon)
    gamma, variance = np.empty_like(scale), np.empty_like(scale)
    missing = np.ones(scale.shape, bool)
    for total in SUMS:
        tried = np.full_like(scale, np.float32(total) - epsilon)
        inverse = np.asarray(tf.math.rsqrt(tf.constant(tried) + epsilon).numpy())
        factors, fit = _factors(scale, inverse)
        gamma[missing], variance[missing] = factors[missing], tried[missing]
        missing &= ~fit
    layer.gamma.assign(gamma)
    layer.beta.assign(offset)
    layer.moving_mean.assign(np.full_like(scale, LEAST_MEAN))
    layer.moving_variance.assign(variance)


def _factors(products: Floats, by: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Numbers whose float32 product with `by` is `products`, and where there is one."""
    quotients: Floats = products / by
    found: Floats = quotients.copy()
    missing = np.ones(products.shape, bool)
    for steps in NEIGHBOURS:
        tried = quotients
        for _ in range(abs(steps)):
            tried = np.nextafter(tried, np.float32(np.copysign(np.inf, steps)))
        fits = missing & (tried * by == products)
        found[fits] = tried[fits]
        missing &= ~fits
    return found, ~missing
