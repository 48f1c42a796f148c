"""The charting library as one script: Vega, Vega-Lite and Vega-Embed, with no outside reference."""

from __future__ import annotations

import functools

from tinybench.report.page.charts import VERSION

SNIPPET = "window.vegaEmbed = vegaEmbed;"


@functools.cache
def bundle() -> str:
    """The script, which takes seconds to put together; fit for a script element."""
    import vl_convert

    made: str = vl_convert.javascript_bundle(SNIPPET, VERSION)
    # A string in it must not end the element.
    return made.replace("</script", "<\\/script")
