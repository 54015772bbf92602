// The vault in numbers: how many pictures were kept, and what a kept one cost, by provider, by model and by month.
import React, { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { ArrowLeft, Images } from "lucide-react";
import { get } from "./api.js";
import { grouped, monthWords, zone } from "./vault_query.js";

const percent = (share) => `${(share * 100).toFixed(share && share < 0.1 ? 1 : 0)} %`;
const places = (digits) => ({ minimumFractionDigits: digits, maximumFractionDigits: digits });
const dollars = (micros) => (micros === null ? "–" : micros ? `$${(micros / 1e6).toLocaleString("en", places(micros < 1e6 ? 3 : 2))}` : "$0");
const credits = (count) => (count === null ? "–" : `${grouped(count)} cr`);

function Figure({ label, value, under }) {
  return (
    <div className="panel stat">
      <div className="muted">{label}</div>
      <div className="figure">{value}</div>
      <div className="under">{under}</div>
    </div>
  );
}

function Table({ title, first, shares }) {
  return (
    <section className="panel padded numbers-table">
      <h2 className="title-section">{title}</h2>
      <div className="scrolls" tabIndex={0} role="region" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{first}</th>
              <th scope="col" className="number">Pictures</th>
              <th scope="col" className="number">Kept</th>
              <th scope="col" className="kept-share">Kept share</th>
              <th scope="col" className="number">Per kept picture</th>
            </tr>
          </thead>
          <tbody>
            {shares.map((one) => (
              <tr key={one.label} className={one.hue ? `hue-${one.hue}` : ""}>
                <th scope="row">
                  <span className="row">
                    {one.hue && <span className="hue" />}
                    {one.label}
                  </span>
                </th>
                <td className="number">{grouped(one.made)}</td>
                <td className="number">{grouped(one.kept)}</td>
                <td className="kept-share">
                  <span className="numbers-share">
                    <i style={{ width: `${one.kept_share * 100}%` }} />
                  </span>
                  <span className="mono">{percent(one.kept_share)}</span>
                </td>
                <td className="number">{one.kept ? `${credits(one.credits_per_kept)} · ${dollars(one.usd_micros_per_kept)}` : "none kept"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function VaultNumbers() {
  const [found, setFound] = useState(null);
  const read = useCallback(() => get(`/api/vault/statistics?zone=${zone()}`).then(setFound), []);
  useEffect(() => void read(), [read]);
  const head = (
    <div className="page-head row">
      <Link to="/vault" className="button small quiet only-icon" aria-label="Back to the vault">
        <ArrowLeft size={18} aria-hidden="true" />
      </Link>
      <h1 className="title-page">Statistics</h1>
    </div>
  );
  if (!found) return <>{head}<div className="bone lines-bone" aria-hidden="true" /></>;
  if (!found.ok)
    return (
      <>
        {head}
        <div role="alert" className="empty">
          <h2 className="title">The numbers could not be read</h2>
          <p>{found.problem}</p>
          <button type="button" className="button" onClick={read}>Try again</button>
        </div>
      </>
    );
  const { total, providers, models, months } = found;
  if (!total.made)
    return (
      <>
        {head}
        <div className="empty">
          <Images size={28} aria-hidden="true" />
          <h2 className="title">No pictures yet</h2>
          <p>Once there are some, this says which provider earns its money: how much of it you keep, and what a kept picture costs.</p>
          <Link to="/" className="button">Make the first one</Link>
        </div>
      </>
    );
  return (
    <div className="vault-numbers">
      {head}
      <div className="stats">
        <Figure label="Pictures" value={grouped(total.made)} under="without the trash" />
        <Figure label="Kept" value={grouped(total.kept)} under={`${percent(total.kept_share)} of all`} />
        <Figure label="Cost per kept picture" value={dollars(total.usd_micros_per_kept)} under={credits(total.credits_per_kept)} />
        <Figure label="Spent on these pictures" value={dollars(total.usd_micros)} under={credits(total.credits)} />
      </div>
      <Table title="By provider" first="Provider" shares={providers} />
      <Table title="By model" first="Model" shares={models} />
      <section className="panel padded numbers-table">
        <h2 className="title-section">By month</h2>
        <div className="scrolls" tabIndex={0} role="region" aria-label="By month">
          <table>
            <thead>
              <tr>
                <th scope="col">Month</th>
                <th scope="col" className="number">Pictures</th>
                <th scope="col" className="number">Kept</th>
                <th scope="col" className="kept-share">By provider</th>
                <th scope="col" className="number">Per kept picture</th>
              </tr>
            </thead>
            <tbody>
              {months.map(({ month, total: one, providers: parts }) => (
                <tr key={month}>
                  <th scope="row"><Link to={`/vault?show=all&from=${month}&to=${month}`}>{monthWords(month)}</Link></th>
                  <td className="number">{grouped(one.made)}</td>
                  <td className="number">{`${grouped(one.kept)} · ${percent(one.kept_share)}`}</td>
                  <td className="kept-share">
                    <span className="numbers-parts">
                      {parts.map((part) => (
                        <i key={part.label} className={part.hue ? `hue-${part.hue}` : ""} style={{ flexGrow: part.made }} title={`${part.label}: ${grouped(part.made)} made, ${grouped(part.kept)} kept`} />
                      ))}
                    </span>
                    <span className="hidden">{parts.map((part) => `${part.label}: ${grouped(part.made)} made, ${grouped(part.kept)} kept`).join("; ")}</span>
                  </td>
                  <td className="number">{one.kept ? `${credits(one.credits_per_kept)} · ${dollars(one.usd_micros_per_kept)}` : "none kept"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="fine-print">Months begin as where you are. Pictures that failed are on the Usage page.</p>
      </section>
    </div>
  );
}
