// Where every picture of the wall stands: justified rows under month headings. Rows once closed never change, so a
// page that arrives below moves nothing above it.
const TARGET = 156;
const TARGET_PHONE = 124;
const LOWEST = 0.68; // of the target: a row is never lower than that
const HEADING = 44;
const NARROWEST = 0.42; // ratios beyond these are cut, or a row would be one hair or one stripe
const WIDEST = 3.2;

export const ratioOf = (item) => Math.min(WIDEST, Math.max(NARROWEST, item.w / item.h));

/** An empty wall `width` pixels wide; `large` makes its rows higher. */
export function emptyLayout(width, large) {
  const phone = width <= 640;
  const target = (phone ? TARGET_PHONE : TARGET) * (large ? 1.6 : 1) * (width > 1700 ? 1.25 : 1);
  return { width, gap: phone ? 4 : 8, target, rows: [], height: 0, month: "", open: 0, phone };
}

const heightOf = (width, ratios, gap, count) => (width - gap * (count - 1)) / ratios;

/** How many of the pictures from `start` fill a row: as many as bring its height closest to the target. */
function fill(layout, items, start, end) {
  let ratios = 0;
  for (let at = start; at < end; at++) {
    const before = ratios;
    ratios += ratioOf(items[at]);
    const count = at - start + 1;
    const height = heightOf(layout.width, ratios, layout.gap, count);
    if (height > layout.target) continue;
    const without = count > 1 ? heightOf(layout.width, before, layout.gap, count - 1) : Infinity;
    const better = without - layout.target < layout.target - height || height < layout.target * LOWEST;
    return better && count > 1 ? [count - 1, without] : [count, height];
  }
  return [0, 0];
}

function place(layout, items, start, count, height, top) {
  const cells = [];
  let left = 0;
  for (let at = start; at < start + count; at++) {
    const width = ratioOf(items[at]) * height;
    cells.push({ at, left, width });
    left += width + layout.gap;
  }
  return { top, height, cells };
}

/** The same wall with what arrived since laid out below. Until the end is here its last, short row waits. */
export function grownLayout(layout, items, ended) {
  const rows = [...layout.rows];
  let { height: top, month, open: at } = layout;
  while (at < items.length) {
    if (items[at].month !== month) {
      month = items[at].month;
      rows.push({ top, height: HEADING, month });
      top += HEADING;
    }
    let end = at;
    while (end < items.length && items[end].month === month) end++;
    const [count, height] = fill(layout, items, at, end);
    if (count) {
      rows.push(place(layout, items, at, count, height, top));
      top += height + layout.gap;
      at += count;
      continue;
    }
    if (end === items.length && !ended) break;
    rows.push(place(layout, items, at, end - at, layout.target, top)); // never stretched
    top += layout.target + layout.gap;
    at = end;
  }
  return { ...layout, rows, height: top, month, open: at };
}

/** The first row that ends below `y`. */
export function rowAt(rows, y) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top + rows[middle].height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row and cell of a picture by its place in the list. */
export function cellOf(rows, at) {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    const cells = row.cells ?? rows[middle + 1]?.cells ?? [];
    if (!cells.length || at < cells[0].at) high = middle - 1;
    else if (at > cells[cells.length - 1].at) low = middle + 1;
    else return { row: row.cells ? middle : middle + 1, cell: at - cells[0].at };
  }
  return null;
}

/** The picture one row up or down that stands nearest to the middle of the picture `at`. */
export function besides(rows, at, down) {
  const found = cellOf(rows, at);
  if (!found) return null;
  const from = rows[found.row].cells[found.cell];
  const middle = from.left + from.width / 2;
  for (let row = found.row + down; rows[row]; row += down) {
    if (!rows[row].cells) continue;
    const away = (cell) => Math.abs(cell.left + cell.width / 2 - middle);
    return rows[row].cells.reduce((best, cell) => (away(cell) < away(best) ? cell : best)).at;
  }
  return null;
}

/** Pictures that a rectangle of the wall touches. */
export function touched(rows, { left, top, right, bottom }) {
  const found = [];
  for (let row = rowAt(rows, top); row < rows.length && rows[row].top <= bottom; row++) {
    for (const cell of rows[row].cells ?? []) if (cell.left <= right && cell.left + cell.width >= left) found.push(cell.at);
  }
  return found;
}
