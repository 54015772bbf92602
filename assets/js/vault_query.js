// What is looked for, as the address says it: the address is the only place where filters are kept.
export const FACETS = ["collection", "tag", "provider", "model", "ratio", "colour", "price", "rating", "state", "origin"];
const PLAIN = ["q", "show", "from", "to", "order", "at"];

/** The filters in an address's search part; facets are lists. */
export function readQuery(search) {
  const given = new URLSearchParams(search);
  const query = {};
  for (const name of PLAIN) if (given.get(name)) query[name] = given.get(name);
  for (const name of FACETS) {
    const values = (given.get(name) ?? "").split(",").filter(Boolean);
    if (values.length) query[name] = values;
  }
  return query;
}

/** The address's search part for filters; names and values in a fixed order, so equal filters read alike. */
export function writeQuery(query) {
  const parts = [];
  for (const name of [...PLAIN, ...FACETS]) {
    const value = Array.isArray(query[name]) ? query[name].join(",") : query[name];
    if (value) parts.push(`${name}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%20", "+")}`);
  }
  return parts.length ? `?${parts.join("&")}` : "";
}

/** The person's time zone, by which days and months begin. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** What the server is asked: everything but the place from which the wall begins. */
export const asked = (query) => [writeQuery({ ...query, at: "" }).slice(1), `zone=${zone()}`].filter(Boolean).join("&");

export const isNarrowed = (query) => Boolean(query.q || query.from || query.to || FACETS.some((name) => query[name]?.length));

/** The same filters with one value of a facet switched. */
export function toggled(query, facet, value) {
  const values = query[facet] ?? [];
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return { ...query, [facet]: next, at: "" };
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** "2026-11" as "November 2026", or short as "Nov 26". */
export function monthWords(month, short = false) {
  const [year, number] = month.split("-");
  const name = MONTHS[Number(number) - 1] ?? "";
  return short ? `${name.slice(0, 3)} ${year.slice(2)}` : `${name} ${year}`;
}

const two = (number) => String(number).padStart(2, "0");

/** The month of a time in epoch seconds, as the person lives it: "2026-11". */
export function monthOf(at) {
  const day = new Date(at * 1000);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}`;
}

/** Today as the person lives it: "2026-11-30". */
export const today = () => `${monthOf(Date.now() / 1000)}-${two(new Date().getDate())}`;

/** The cursor from which a month and everything older follows. */
export function cursorBelow(month) {
  const [year, number] = month.split("-").map(Number);
  return `${new Date(year, number, 1).getTime() * 1000}.${"0".repeat(32)}`;
}

const dayWords = (day) => (day.length === 7 ? monthWords(day, true) : day);

/** "Oct – Nov 26" for the chip. */
export function datesWords({ from = "", to = "" }) {
  if (from && from === to) return dayWords(from);
  if (from && to) return `${dayWords(from)} – ${dayWords(to)}`;
  return from ? `Since ${dayWords(from)}` : `Until ${dayWords(to)}`;
}

export const grouped = (number) => Math.round(number).toLocaleString("en");
export const pictures = (count) => (count === 1 ? "1 picture" : `${grouped(count)} pictures`);

export function bytes(count) {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(count / 1e3))} kB`;
}
