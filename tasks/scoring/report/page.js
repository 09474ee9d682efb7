"use strict";
const root = document.documentElement;

function addToggle() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme";
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const name = () => (button.textContent = isDark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  dark.addEventListener("change", name);
  name();
  document.querySelector("header.top")?.append(button);
}

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim().replaceAll(",", "");
}

function compare(a, b) {
  const both = a !== "" && b !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
  return both ? Number(a) - Number(b) : a.localeCompare(b, "en");
}

function makeSortable(table) {
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    if (!header.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = header.getAttribute("aria-sort") === "descending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = (a, b) => (up ? 1 : -1) * compare(value(a, column), value(b, column));
      body.append(...[...body.rows].sort(order));
    });
  });
}

function makeFilters(section) {
  const filters = section.querySelector(".filters");
  const selects = [...filters.querySelectorAll("select")];
  const examples = section.querySelector(".samples");
  const more = section.querySelector(".more");
  const step = Number(examples.dataset.shown);
  let limit = step;
  const show = () => {
    const fits = [...examples.children].filter((one) => selects.every((s) => !s.value || one.dataset[s.name] === s.value));
    for (const one of examples.children) one.hidden = true;
    for (const one of fits.slice(0, limit)) one.hidden = false;
    filters.querySelector("output").textContent = `${Math.min(limit, fits.length)} of ${fits.length} shown`;
    more.hidden = fits.length <= limit;
  };
  for (const select of selects) {
    select.addEventListener("change", () => {
      limit = step;
      show();
    });
  }
  more.addEventListener("click", () => {
    limit += step;
    show();
  });
  filters.hidden = false;
  show();
}

addToggle();
document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll(".errors").forEach(makeFilters);
