// Charts: Vega-Lite draws the rows of the chosen task, board and variants.
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const controls = document.getElementById("controls");
  const SPAN = 30; // largest by smallest value from which an axis is logarithmic
  const NAMES = 120; // pixels of an axis' names
  const TEXT = 125; // pixels of the text beside a bar

  const chosen = (name) => document.querySelector(`select[name="${name}"]`)?.value;
  const variants = () =>
    new Set([...controls.querySelectorAll("[name=variant]:checked")].map((box) => box.value));

  const records = ({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));

  // Every split of the chosen quantity; a stage that went on from another starts where it ended.
  const training = (task, quantity) => {
    const stages = page.training[task] ?? {};
    const before = stages.float32?.epochs.at(-1) ?? 0;
    const found = [];
    for (const [stage, { epochs, values }] of Object.entries(stages)) {
      for (const [split, prefix] of [["training", ""], ["validation", "val_"]]) {
        (values[prefix + quantity] ?? []).forEach((value, at) => {
          const epoch = epochs[at] + (stage === "float32" ? 0 : before);
          found.push({ task, stage, split, quantity, epoch, value });
        });
      }
    }
    return found;
  };

  // Changes back to a value a version.
  const history = (task, metric) => {
    const found = [];
    for (const [key, changes] of Object.entries(page.history[task]?.[metric] ?? {})) {
      const at = key.lastIndexOf("@");
      const [variant, on] = [key.slice(0, at), key.slice(at + 1)];
      let [next, value] = [0, null];
      page.versions.forEach((version, index) => {
        if (next < changes.length && changes[next][0] === index) value = changes[next++][1];
        if (value !== null) found.push({ task, metric, variant, on, version, value });
      });
    }
    return found;
  };

  const rowsOf = (figure) => {
    const { rows: name, metric } = figure.dataset;
    const task = chosen("task");
    const board = chosen("board");
    const whole = task.split("@")[0]; // of all its outputs
    const made = { training: () => training(whole, chosen("quantity")), history: () => history(whole, chosen("metric")) };
    const found = made[name]?.() ?? records(page.rows[name]);
    const shown = variants();
    return found.filter(
      (row) =>
        (row.task === task || row.task === whole) &&
        (row.board == null || row.board === board) &&
        (metric === undefined || row.metric === metric) &&
        (row.variant === undefined || row.variant === "" || shown.has(row.variant)),
    );
  };

  // The error of a classifier, or the accuracy of a task that is none.
  const QUALITIES = ["mse", "accuracy"];
  const isOfOthers = ({ dataset: { metric } }) => {
    if (!QUALITIES.includes(metric)) return false;
    const own = records(page.rows.compared).filter((row) => row.task === chosen("task"));
    const found = QUALITIES.filter((name) => own.some((row) => row.metric === name));
    return found.length > 0 && !found.includes(metric);
  };

  const FIELD = { flash: "mse", instructions: "mse", file: "mse", layers: "error" };

  const editionOf = (name, rows) => {
    if (!page.charts[name].log) return "linear";
    if (page.charts[name].accuracy && rows.some((row) => row.accuracy != null)) return "accuracy";
    const values = rows.map((row) => row[FIELD[name] ?? "value"]).filter((value) => value != null);
    const smallest = Math.min(...values);
    return smallest > 0 && Math.max(...values) > SPAN * smallest ? "log" : "linear";
  };

  // Ends of an axis that leave room for the text beside the largest value.
  const endsOf = (rows, edition, width) => {
    const values = rows.map((row) => row.value).filter((value) => value !== null);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const inner = Math.max(width - NAMES, TEXT + 60);
    if (edition === "linear") return { limit: (high * inner) / (inner - TEXT) || 1 };
    return { start: low / 3, limit: high * (high / low) ** (TEXT / (inner - TEXT)) };
  };

  const draw = async (figure) => {
    const name = figure.dataset.chart;
    const plot = figure.querySelector(".plot");
    const rows = rowsOf(figure);
    figure.hidden = isOfOthers(figure);
    figure.view?.finalize();
    figure.view = null;
    if (rows.length === 0) {
      plot.className = "plot";
      plot.innerHTML = '<p class="empty">Nothing was measured for this choice.</p>';
      return;
    }
    const edition = editionOf(name, rows);
    const spec = structuredClone(page.charts[name][edition]);
    spec.datasets = { rows };
    if (spec.height.step) spec.height = spec.height.step * new Set(rows.map((row) => row.variant)).size;
    if (spec.params) {
      const ends = endsOf(rows, edition, plot.clientWidth);
      for (const param of spec.params) param.value = ends[param.name] ?? param.value;
    }
    const result = await vegaEmbed(plot, spec, {
      actions: false,
      renderer: "svg",
      mode: "vega-lite",
      config: page.config,
      tooltip: { theme: "page" },
    });
    figure.view = result.view;
  };

  // One after the other, so that a change of mind does not wait for charts that are out of date.
  let round = 0;
  const drawAll = async () => {
    const own = ++round;
    document.body.dataset.charts = "drawing";
    for (const figure of document.querySelectorAll("figure.chart")) {
      if (own !== round) return;
      await draw(figure);
    }
    document.body.dataset.charts = "drawn";
  };

  const redraw = (name) => {
    for (const figure of document.querySelectorAll(`figure[data-chart="${name}"]`)) draw(figure);
  };

  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", drawAll);
  document.querySelector("select[name=quantity]")?.addEventListener("change", () => redraw("training"));
  document.querySelector("select[name=metric]")?.addEventListener("change", () => redraw("history"));

  let width = innerWidth;
  let waiting = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });

  // Charts are as wide as the paper while it is printed, and every task's figures are shown.
  const details = [...document.querySelectorAll("details")];
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = details.filter((each) => !each.open);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  drawAll();
})();
