// A picture of the table of months: one line for each purpose. The table says the same to everybody; without scripts
// there is only the table.
"use strict";

const table = document.getElementById("months");
const place = document.getElementById("chart");
const COLOURS = [
  ["#0b5a6b", "#86cfdf"], ["#a33a00", "#ffb085"], ["#5b3f9e", "#c4b0ff"], ["#2f6b1f", "#a8dc93"],
  ["#8a1c5a", "#ff9fd0"], ["#6b5600", "#e6cf6a"], ["#4a4f55", "#b9c0c7"],
];
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 2], [1, 4], [14, 5]];

function read() {
  const rows = [...table.tBodies[0].rows];
  const lines = new Map();
  rows.forEach((row, month) => {
    for (const part of row.querySelectorAll("[data-rows]")) {
      const key = part.dataset.purpose;
      if (!lines.has(key)) {
        lines.set(key, { title: key ? part.dataset.title : table.dataset.others, rows: new Array(rows.length).fill(0) });
      }
      lines.get(key).rows[month] += Number(part.dataset.rows);
    }
  });
  // Nobody knows what a store that was not asked would have said: a gap, not nought.
  rows.forEach((row, month) => {
    for (const key of (row.dataset.gaps || "").split(" ").filter(Boolean)) {
      const line = lines.get(key === "*" ? "" : key);
      if (line) {
        line.rows[month] = null;
      }
    }
  });
  const months = rows.map((row) => row.cells[0].textContent.trim());
  return { months, lines: [...lines.entries()].sort(([a], [b]) => (a === "") - (b === "")).map(([, line]) => line) };
}

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function sum(rows) {
  return rows.reduce((whole, one) => whole + (one ?? 0), 0);
}

function draw() {
  const { months, lines } = read();
  if (!lines.length || !place) {
    return;
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? 1 : 0;
  const count = new Intl.NumberFormat(document.documentElement.lang);
  const axis = { stroke: style("--soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line") } };
  const series = lines.map((line, number) => ({
    label: line.title,
    stroke: COLOURS[number % COLOURS.length][dark],
    width: 2,
    dash: DASHES[number % DASHES.length],
    points: { show: true, size: 6 },
    // While nobody points at a month: the sum of all that are known.
    value: (_, rows, __, at) => (at === null ? count.format(sum(line.rows)) : rows === null ? table.dataset.gap : count.format(rows)),
  }));
  const narrow = place.clientWidth < 600;
  const options = {
    width: place.clientWidth,
    height: narrow ? 240 : 320,
    scales: { x: { time: false }, y: { range: (_, least, most) => [0, Math.max(1, most)] } },
    series: [{ label: table.tHead.rows[0].cells[0].textContent.trim(), value: (_, __, ___, at) => months[at] ?? table.dataset.whole }, ...series],
    axes: [
      { ...axis, values: (_, marks) => marks.map((at) => (Number.isInteger(at) ? months[at] ?? "" : "")), space: narrow ? 110 : 120 },
      { ...axis, values: (_, marks) => marks.map((rows) => (Number.isInteger(rows) ? count.format(rows) : "")), size: 64 },
    ],
    legend: { live: true },
    cursor: { drag: { x: false, y: false } },
  };
  place.replaceChildren();
  new uPlot(options, [months.map((_, at) => at), ...lines.map((line) => line.rows)], place);
  // The picture repeats the table: whoever hears the page is spared it.
  place.setAttribute("aria-hidden", "true");
}

if (table && window.uPlot) {
  draw();
  let last = place.clientWidth;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", () => {
    if (place.clientWidth !== last) {
      last = place.clientWidth;
      draw();
    }
  });
}
