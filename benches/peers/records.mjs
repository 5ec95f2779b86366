// 10,000 records of a handbook, the same for every peer: a linear congruential generator from seed 42, so that nobody's library
// has a say in it.
const KINDS = ["growth", "vaccine", "milestone", "checkup", "diary", "pregnancy"];
const NOTES = [
  "夜泣きが続いた。",
  "離乳食をよく食べた。",
  "小児科で相談した。",
  "特になし",
  "機嫌がよく、よく笑う。",
  "発熱 37.8℃、翌日解熱。",
];

export function records(count = 10_000) {
  let state = 42;
  const below = (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  const hex = (length) => Array.from({ length }, () => below(16).toString(16)).join("");
  return Array.from({ length: count }, () => ({
    id: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    child: `c${below(3)}`,
    kind: KINDS[below(KINDS.length)],
    at: new Date(1_577_836_800_000 + below(1.6e11)).toISOString(),
    author: `u${below(4)}`,
    weight_g: 2500 + below(15_000),
    height_mm: 480 + below(700),
    head_mm: 330 + below(200),
    item: `code-${below(400)}`,
    answer: ["yes", "no", "unsure"][below(3)],
    note: NOTES[below(NOTES.length)],
  }));
}
