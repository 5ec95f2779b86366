// Appended to a copy of a page: looks for what a reader would stumble over, and leaves the complaints in an element of their own.
// MODE is "screen" or "paper"; paper is the same page with its rules for print.
(() => {
  const complaints = [];
  const name = (el) => `${el.tagName.toLowerCase()}${el.className && el.className.baseVal === undefined ? "." + el.className : ""} "${(el.textContent || "").trim().replace(/\s+/g, " ").slice(0, 24)}"`;
  const say = (what, el) => complaints.push(`${what}: ${name(el)}`);
  const shown = (el) => el.getClientRects().length > 0;
  const all = [...document.body.querySelectorAll("*")].filter((el) => shown(el) && !el.closest("script, pre#complaints"));
  const MM = 96 / 25.4;
  const PT = 96 / 72;

  const wide = document.documentElement.clientWidth + 1;
  if (MODE === "screen") {
    for (const el of all.filter((el) => !el.closest("svg *"))) {
      if (el.getBoundingClientRect().right > wide) say("wider than the screen", el);
    }
  }
  // What stands side by side does not collide, and nothing sticks out of its column.
  for (const row of document.querySelectorAll("tr, dl > div, .days, .contents li, .step")) {
    const cells = [...row.children].filter(shown).map((el) => [el, el.getBoundingClientRect()]);
    cells.forEach(([el, a], n) => {
      if (el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).display !== "inline") say("sticks out of its column", el);
      for (const [, b] of cells.slice(n + 1)) {
        const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
        if (over) say("collides with its neighbour", el);
      }
    });
  }
  // Letters in pictures do not lie over each other either.
  for (const svg of document.querySelectorAll("figure.chart svg")) {
    const texts = [...svg.querySelectorAll("text")].map((el) => [el, el.getBoundingClientRect()]);
    const frame = svg.getBoundingClientRect();
    texts.forEach(([el, a], n) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.bottom > frame.bottom + 1) say("outside its picture", el);
      for (const [, b] of texts.slice(n + 1)) {
        // The boxes of letters are higher than the letters.
        const lap = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
        if (lap[0] > 1 && lap[1] > 0.35 * Math.min(a.height, b.height)) say("letters over letters", el);
      }
    });
  }
  // Size of letters.
  const least = MODE === "paper" ? 7 * PT : 7.4;
  for (const el of all) {
    const own = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || ["STYLE", "TITLE", "DESC", "RP"].includes(el.tagName.toUpperCase())) continue;
    const style = getComputedStyle(el);
    const scale = el instanceof SVGElement ? el.getScreenCTM().a : 1;
    const size = parseFloat(style.fontSize) * scale;
    if (size < least - 0.05) say(`letters of ${(size / PT).toFixed(1)} pt`, el);
    // Contrast to what lies behind.
    const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => {
      const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    let behind = [255, 255, 255];
    for (let at = el; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) { behind = colour; break; }
    }
    const ink = rgb(el instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind)].sort((a, b) => b - a);
    if ((a + 0.05) / (b + 0.05) < 4.5) say(`contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)}`, el);
  }
  if (MODE === "paper") {
    const sheets = [...document.querySelectorAll(".sheet")];
    sheets.forEach((sheet, n) => {
      const box = sheet.getBoundingClientRect();
      const inside = [...sheet.children].filter((el) => shown(el) && !el.classList.contains("folio"));
      const bottom = Math.max(...inside.map((el) => el.getBoundingClientRect().bottom)) - box.top;
      if (bottom > (209.5 - 11) * MM) say(`sheet ${n + 1} is too full (${(bottom / MM).toFixed(0)} mm)`, sheet);
      if (sheets.length > 1 && n > 0 && n < sheets.length - 1 && bottom < 38 * MM) say(`sheet ${n + 1} is nearly empty`, sheet);
    });
    for (const page of document.querySelectorAll(".contents .page")) {
      const there = document.getElementById(page.dataset.for)?.closest(".sheet");
      if (sheets.indexOf(there) + 1 !== Number(page.textContent)) say("the contents name another page", page.parentElement);
    }
    if (sheets.length > 2 && !document.querySelector(".contents .page")) complaints.push("no contents");
  }
  const pre = document.createElement("pre");
  pre.id = "complaints";
  pre.textContent = `${complaints.join("\n")}\nlooked at ${all.length} elements, ${document.documentElement.scrollHeight} px high\n`;
  document.body.append(pre);
})();
