"use strict";
// Tables: a click or Enter on a heading sorts by it, words in the field above filter.
(() => {
  const other = { ascending: "descending", descending: "ascending" };

  // A number where the cell has one, else its text; nothing for a gap, which always goes last.
  const keyOf = (cell) => {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    if (text === "" || text === "–") return null;
    const number = cell.classList.contains("n") ? Number.parseFloat(text) : Number.NaN;
    return Number.isNaN(number) ? text : number;
  };

  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === typeof b) return a.localeCompare(b, "en", { numeric: true });
    return typeof a === "number" ? -1 : 1;
  };

  const sort = (heading) => {
    const direction = other[heading.ariaSort] ?? "ascending";
    for (const each of heading.parentElement.cells) each.ariaSort = "none";
    heading.ariaSort = direction;
    const body = heading.closest("table").tBodies[0];
    const sign = direction === "ascending" ? 1 : -1;
    const rows = [...body.rows].map((row) => [keyOf(row.cells[heading.cellIndex]), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * compare(a, b);
    });
    body.append(...rows.map(([, row]) => row));
  };

  const filter = (field) => {
    const table = document.getElementById(field.dataset.filters);
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) {
      const cells = [...row.cells].map((cell) => cell.textContent.toLowerCase());
      row.hidden = !words.every((word) => cells.some((cell) => cell.includes(word)));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    const count = document.querySelector(`[data-counts="${CSS.escape(table.id)}"]`);
    count.textContent = words.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
  };

  for (const button of document.querySelectorAll("thead button")) {
    button.closest("th").dataset.title = button.textContent; // for print
    button.addEventListener("click", () => sort(button.closest("th")));
  }
  for (const field of document.querySelectorAll("[data-filters]")) {
    field.addEventListener("input", () => filter(field));
  }
})();
