"use strict";
// Sorts tables by a column when its header is clicked. The report is complete without it.
const number = (text) => {
  const found = text.replace(/−/g, "-").replace(/(\d),(?=\d{3})/g, "$1").match(/-?(\d+\.?\d*|\.\d+)/);
  return found ? parseFloat(found[0]) : NaN;
};
const sort = (head, index) => {
  const body = head.closest("table").tBodies[0];
  const up = head.getAttribute("aria-sort") !== "ascending";
  const numeric = head.classList.contains("n");
  const value = (row) => {
    const cell = row.cells[index];
    const text = cell ? (cell.firstElementChild ?? cell).firstChild?.textContent ?? cell.textContent : "";
    return numeric ? number(cell.textContent) : text.trim() || cell.textContent;
  };
  const rows = [...body.rows].map((row) => [value(row), row]);
  rows.sort(([a], [b]) => {
    if (!numeric) return (up ? 1 : -1) * String(a).localeCompare(String(b), undefined, { numeric: true });
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return up ? a - b : b - a;
  });
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...rows.map(([, row]) => row));
};
for (const table of document.querySelectorAll("section.audit table")) {
  if (table.tBodies[0].rows.length < 3) continue;
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = head.title;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, index));
  });
}
