"""Two runs for the tests of `tinybench compare` and `accept`: one, and how another differs."""

from tinybench.results.document import Document

from ..documents import make, result

OLD = make(result({"mse": 1.0, "tflite_bytes": 100}), result({"instructions": 10}, "int8", "m4"))


def changed(
    metrics: dict[str, float] | None = None, instructions: int = 10, **more: object
) -> Document:
    return make(
        result(metrics or {"mse": 1.0, "tflite_bytes": 100}),
        result({"instructions": instructions}, "int8", "m4"),
        **more,  # type: ignore[arg-type]
    )
