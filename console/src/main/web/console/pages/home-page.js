/** What needs attention, and how things are. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import '../elements/bar-chart.js';
import {PageElement} from '../elements/console-element.js';
import {expiryText, keyLink, lastUseText, ownerText} from '../elements/key-texts.js';
import {Loading} from '../elements/loading.js';
import {nodesTable} from '../elements/nodes-table.js';
import {linkTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {dateText} from '../text/time.js';

const EXPIRING_SHOWN = 8;
const DAYS_SHOWN = 90;
const DAY_MILLIS = 24 * 60 * 60 * 1000;

/** Why a key needs attention, in the order of urgency: the value of the filter, what it means, what to do. */
const REASONS = /** @type {const} */ ([
  ['leaked', 'leaked', 'A leak was reported. Make sure that nobody depends on them.'],
  ['expiring-7d', 'expire within 7 days', 'Renew those that are in use.'],
  ['expiring-30d', 'expire within 30 days', 'Renew those that are in use.'],
  ['closable-overlap', 'overlaps can be closed', 'The new secret is in use, the old one is not.'],
  ['no-expiry', 'never expire', 'Give them an expiry, if they can be renewed.'],
  ['never-used', 'never used', 'Revoke them, if nobody is about to use them.'],
  ['idle-90d', 'not used for 90 days', 'Revoke them, if they are no longer needed.'],
]);

export class HomePage extends PageElement {
  constructor() {
    super();
    /** @type {Loading<KeySummary>} */
    this.summary = new Loading(this, (signal) => read('/v1/keys/summary', {}, signal));
    /** @type {Loading<Page<Key>>} */
    this.expiring = new Loading(this, (signal) =>
      read('/v1/keys/expiring', {within: 'P30D', inUseFirst: 'true', limit: String(EXPIRING_SHOWN)}, signal));
    /** @type {Loading<{commandsByDay: {date: string, commands: number}[]}>} */
    this.commands = new Loading(this, (signal) => read('/v1/audit/summary', lastDays(), signal));
    /** @type {Loading<{position: number, nodes: NodeLag[]}>} */
    this.nodes = new Loading(this, (signal) => read('/v1/nodes', {}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    if (session.may('keys:read')) {
      this.summary.run();
      this.expiring.run();
    }
    if (session.may('audit:read')) {
      this.commands.run();
      this.nodes.run();
    }
  }

  render() {
    const seesKeys = session.may('keys:read');
    const seesRecord = session.may('audit:read');
    return html`<h1>Home</h1>
      ${seesKeys ? section('attention', 'Needs attention', this.summary.render((summary) => this.#attention(summary), 4)) : missing('the keys', 'keys:read')}
      <div class="columns"><div>
        ${seesKeys ? section('expiring', 'Next to expire, those in use first', this.expiring.render((page) => this.#expiringTable(page), 6)) : nothing}
        ${seesRecord ? section('nodes', 'Nodes', this.nodes.render((nodes) => nodesTable(nodes.nodes), 3)) : nothing}
      </div><div>
        ${seesKeys ? section('weeks', 'Expiries by week', this.summary.render((summary) => html`<bar-chart label="Keys that expire in each week" unit="keys"
          .bars=${summary.expiriesByWeek.map((week) => ({
            time: new Date(week.from), label: dateText(new Date(week.from)), count: week.keys}))}></bar-chart>`, 6)) : nothing}
        ${seesRecord ? section('commands', 'Commands by day', this.commands.render((summary) => html`<bar-chart label="Commands on each day of the last ${DAYS_SHOWN} days (UTC)" unit="commands"
          .bars=${everyDay(summary.commandsByDay)}></bar-chart>`, 6)) : nothing}
      </div></div>
      ${seesRecord ? nothing : missing('the audit and the nodes', 'audit:read')}`;
  }

  /** @param {KeySummary} summary */
  #attention(summary) {
    if (summary.total === 0) {
      return html`<article class="empty"><h3>No keys yet</h3>
        <p>A key lets an app, a service or a person call your interface, until it expires or is revoked. Keyledger
          records every change of it.</p>
        ${session.may('keys:issue') ? html`<a role="button" href="#/issue">Issue the first key</a>` : nothing}
      </article>`;
    }
    const reasons = REASONS.filter(([reason]) => summary.attention[reason] !== undefined);
    const waiting = reasons.filter(([reason]) => summary.attention[reason] > 0);
    const clear = reasons.filter(([reason]) => summary.attention[reason] === 0);
    return html`
      ${waiting.length === 0 ? html`<p>Nothing needs attention.</p>` : nothing}
      <ul class="cards">
        ${waiting.map(([reason, what, advice]) => html`<li>
          <a class="card ${reason}" href=${linkTo('/keys', {attention: reason})}>
            <span class="count">${summary.attention[reason].toLocaleString()}</span>
            <span>${what}</span><small>${advice}</small></a></li>`)}
      </ul>
      <p class="fine">
        ${clear.length > 0 ? html`None: ${clear.map(([, what]) => what).join(', ')}.` : nothing}
        ${summary.total.toLocaleString()} keys:
        ${Object.entries(summary.byStatus).filter(([, count]) => count > 0).map(([status, count], i) => html`${i > 0 ? ', ' : ''}<a
          href=${linkTo('/keys', {status})}>${count.toLocaleString()} ${status.replaceAll('-', ' ')}</a>`)}.
      </p>`;
  }

  /** @param {Page<Key>} page */
  #expiringTable(page) {
    if (page.data.length === 0) {
      return html`<p>No key expires within 30 days.</p>`;
    }
    return html`<div class="scroll"><table>
      <thead><tr><th scope="col">Key</th><th scope="col">Owner</th><th scope="col">Expires</th><th scope="col">Last used</th></tr></thead>
      <tbody>${page.data.map((key) => html`<tr>
        <td>${keyLink(key)}</td><td>${ownerText(key.owner)}</td><td>${expiryText(key)}</td><td>${lastUseText(key)}</td>
      </tr>`)}</tbody></table></div>
      ${page.nextCursor ? html`<p><a href=${linkTo('/keys', {attention: 'expiring-30d'})}>All that expire within 30 days</a></p>` : nothing}`;
  }
}

/** @param {string} id @param {string} title @param {unknown} content */
function section(id, title, content) {
  return html`<section aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
}

/** @param {string} what @param {string} permission */
function missing(what, permission) {
  return html`<p class="notice">You do not see ${what}: that needs <code>keyledger:${permission}</code>.</p>`;
}

function lastDays() {
  const tomorrowMillis = Math.floor(Date.now() / DAY_MILLIS + 1) * DAY_MILLIS;
  return {
    from: new Date(tomorrowMillis - DAYS_SHOWN * DAY_MILLIS).toISOString(),
    to: new Date(tomorrowMillis).toISOString(),
  };
}

/** Returns a bar for each day, also for those without commands. @param {{date: string, commands: number}[]} days */
function everyDay(days) {
  const counts = new Map(days.map((day) => [day.date, day.commands]));
  const {from} = lastDays();
  return Array.from({length: DAYS_SHOWN}, (_, i) => {
    const date = new Date(Date.parse(from) + i * DAY_MILLIS).toISOString().slice(0, 10);
    return {time: new Date(`${date}T00:00:00Z`), label: date, count: counts.get(date) ?? 0};
  });
}

customElements.define('home-page', HomePage);
