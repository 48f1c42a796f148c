"""Recurrent layers as the converter takes them: an LSTM as one operator, all others unrolled.

A loop that is left in the graph ends the converter's calibration with a segmentation fault. The
converter knows an LSTM by the function that Keras 2 calls for it, so that of Keras 3 calls the same
function while it is traced; what differs from it, or has a mask, is unrolled.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from tinybench.tensorflow import KerasModel, is_keras3, layers_of, load, load_keras3

ABSENT = object()


@contextlib.contextmanager
def convertible(model: KerasModel, *, fuse: bool = True) -> Iterator[bool]:
    """Within the block recurrent layers are traced without loops; afterwards they are as before.

    Yields whether there is an LSTM that becomes one operator. Without `fuse` all are unrolled.
    """
    layers = layers_of(model)
    fuse = fuse and not any(map(_is_masking, layers))
    fused = False
    changed: list[tuple[Any, str, Any]] = []

    def change(layer: Any, name: str, value: Any) -> None:
        changed.append((layer, name, vars(layer).get(name, ABSENT)))
        layer.__dict__[name] = value

    try:
        for layer in layers:
            if fuse and _is_plain_lstm(layer):
                fused = True
                if is_keras3(layer):
                    change(layer, "inner_loop", _like_keras2(layer))
                continue
            if "unroll" in vars(layer):
                change(layer, "unroll", True)
            if "_could_use_gpu_kernel" in vars(layer):
                change(layer, "_could_use_gpu_kernel", False)
            # With a batch of known size Keras 2 loops over the steps.
            if "_always_use_reshape" in vars(layer) and not getattr(layer, "stateful", False):
                change(layer, "_always_use_reshape", True)
        yield fused
    finally:
        for layer, name, value in reversed(changed):
            if value is ABSENT:
                del layer.__dict__[name]
            else:
                layer.__dict__[name] = value


def restart(model: KerasModel) -> None:
    """Put the states of stateful layers to the start; they stay as the last call left them."""
    for layer in layers_of(model):
        if getattr(layer, "stateful", False):
            # Of Keras 3, or of Keras 2.
            reset = getattr(layer, "reset_state", getattr(layer, "reset_states", None))
            if reset is not None:
                reset()


def _is_masking(layer: Any) -> bool:
    return bool(getattr(layer, "mask_zero", False)) or type(layer).__name__ == "Masking"


def _is_plain_lstm(layer: Any) -> bool:
    """Whether a layer computes what the operator does, and keeps no state of its own."""
    if layer_stateful := getattr(layer, "stateful", False):
        return not layer_stateful
    if not is_keras3(layer):
        return isinstance(layer, load().keras.layers.LSTM) and layer._could_use_gpu_kernel
    activations = load_keras3().activations
    return isinstance(layer, load_keras3().layers.LSTM) and bool(
        layer.activation is activations.tanh
        and layer.recurrent_activation is activations.sigmoid
        and layer.use_bias
        and not layer.unroll
        and not layer.recurrent_dropout
    )


def _like_keras2(layer: Any) -> Callable[..., Any]:
    """The loop of a Keras 3 LSTM, by the function of Keras 2."""
    from tf_keras.src.layers.rnn import gru_lstm_utils, lstm

    read = gru_lstm_utils.read_variable_value

    def inner_loop(sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        last, outputs, hidden, carried, _ = lstm.lstm_with_backend_selection(
            inputs=sequences,
            init_h=initial_state[0],
            init_c=initial_state[1],
            kernel=read(layer.cell.kernel.value),
            recurrent_kernel=read(layer.cell.recurrent_kernel.value),
            bias=read(layer.cell.bias.value),
            mask=None,
            time_major=False,
            go_backwards=layer.go_backwards,
            sequence_lengths=None,
            zero_output_for_mask=layer.zero_output_for_mask,
            return_sequences=layer.return_sequences,
        )
        return last, outputs, [hidden, carried]

    return inner_loop
