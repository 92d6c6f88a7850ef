"use strict";
// Tables are complete without this: it sorts their rows by a column, and shows those
// of one target, subset, size or model.
(() => {
  const text = (row, column) => row.cells[column].textContent.trim();
  // the first number of a cell, as 13.9 of "13.9 ± 2.1"
  const number = (word) => parseFloat((word.replace("−", "-").match(/-?\d[\d.]*(e[-+]?\d+)?/) || [])[0]);
  const isNothing = (word) => word === "" || word === "–";

  const sort = (table, column, falls) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const words = rows.map((row) => text(row, column)).filter((word) => !isNothing(word));
    const isNumeric = words.every((word) => /^[<−-]? ?\d/.test(word));
    const order = (a, b) => isNumeric ? number(a) - number(b) : a.localeCompare(b, "en", { numeric: true });
    rows.sort((first, second) => {
      const [a, b] = [text(first, column), text(second, column)];
      // what has no value stays behind
      if (isNothing(a) || isNothing(b)) return isNothing(a) - isNothing(b);
      return falls ? order(b, a) : order(a, b);
    });
    body.append(...rows);
  };

  for (const table of document.querySelectorAll("table")) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "sort by this column";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falls = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falls ? "descending" : "ascending");
        sort(table, column, falls);
      });
    });
  }

  const form = document.querySelector("form.filters");
  const rows = Array.from(document.querySelectorAll("#all tbody tr"));
  const selects = Array.from(form.querySelectorAll("select"));
  const show = () => {
    for (const row of rows) {
      row.hidden = selects.some((select) => select.value !== "" && select.value !== row.dataset[select.name]);
    }
    const shown = rows.filter((row) => !row.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${rows.length} rows`;
  };
  for (const select of selects) {
    const values = Array.from(new Set(rows.map((row) => row.dataset[select.name])));
    values.forEach((value) => select.add(new Option(value, value)));
    select.addEventListener("change", show);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
