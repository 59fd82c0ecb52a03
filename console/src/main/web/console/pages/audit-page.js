/** Everything that happened in the workspace. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import '../elements/audit-export.js';
import {AUDIT_FILTERS} from '../elements/audit-filters.js';
import {PageElement} from '../elements/console-element.js';
import {actorText, ownerText} from '../elements/key-texts.js';
import {Paged} from '../elements/loading.js';
import {linkTo} from '../routing/route.js';
import {changesOf, eventWords} from '../text/changes.js';
import {countOf, fullText, relativeWords, utcText} from '../text/time.js';

const PAGE_ENTRIES = 100;

export class AuditPage extends PageElement {
  static properties = {opened: {state: true}};

  constructor() {
    super();
    /** The positions of the entries whose details are shown. @type {Set<number>} */
    this.opened = new Set();
    /** The filters that the entries are the answer to. @type {string | null} null before the first */
    this.listed = null;
    /** @type {Paged<AuditEntry>} */
    this.entries = new Paged(this, (cursor, signal) => read('/v1/audit', {...this.#filters(), limit: String(PAGE_ENTRIES), cursor}, signal));
  }

  #filters() {
    return Object.fromEntries(AUDIT_FILTERS.map((name) => [name, this.route.params.getAll(name)]));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const filters = JSON.stringify(this.#filters());
    if (changed.has('route') && filters !== this.listed) {
      this.listed = filters;
      this.entries.clear();
      this.entries.run();
    }
  }

  render() {
    const params = this.route.params;
    return html`<h1>Audit</h1>
      <audit-filters .params=${params}></audit-filters>
      <audit-export .from=${params.get('from')} .to=${params.get('to')}></audit-export>
      ${this.entries.renderList((entries) => this.#table(entries), () => this.#empty(), 10)}`;
  }

  /** @param {AuditEntry[]} entries */
  #table(entries) {
    return html`<p class="fine" role="status">${countOf(entries.length, 'event')}${this.entries.nextCursor ? ' so far' : ''}</p>
      <div class="scroll"><table class="entries">
      <thead><tr><th scope="col">When</th><th scope="col">What happened</th><th scope="col">Key</th><th scope="col">Owner</th><th scope="col">By</th><th scope="col">From</th></tr></thead>
      <tbody>${entries.map((entry) => this.#rows(entry))}</tbody></table></div>`;
  }

  /** @param {AuditEntry} entry */
  #rows(entry) {
    const isOpen = this.opened.has(entry.position);
    return html`<tr>
        <td>${exactText(entry.time)}</td>
        <td><button type="button" class="link" aria-expanded=${isOpen} @click=${() => this.#toggle(entry.position)}>${eventWords(entry.type)}</button>
          ${entry.reason ? html`<span class="block">“${entry.reason}”</span>` : nothing}</td>
        <td>${entry.keyId ? html`<a href=${linkTo(`/keys/${entry.keyId}`)}><code>${entry.keyId}</code></a>` : html`<span class="muted">the workspace</span>`}</td>
        <td>${entry.owner ? ownerText(entry.owner) : nothing}</td>
        <td>${actorText(entry.actor)}</td>
        <td>${entry.ip ?? nothing}</td></tr>
      ${isOpen ? html`<tr class="details"><td colspan="6">${details(entry)}</td></tr>` : nothing}`;
  }

  /** @param {number} position */
  #toggle(position) {
    const opened = new Set(this.opened);
    if (!opened.delete(position)) {
      opened.add(position);
    }
    this.opened = opened;
  }

  #empty() {
    return html`<article class="empty"><h2>Nothing of that kind happened</h2>
      <p>The audit has every change of every key and of the workspace, since its first day. Choose a longer time, or fewer filters.</p>
      <a href="#/audit">Remove all filters</a></article>`;
  }
}

/** @param {string} time */
function exactText(time) {
  const date = new Date(time);
  return html`<time datetime=${time} title="${relativeWords(date)} — ${utcText(time)}">${fullText(date)}</time>`;
}

/** @param {AuditEntry} entry */
function details(entry) {
  return html`<dl class="facts">
    ${changesOf(entry, {}).map(({label, after}) => html`<dt>${label}</dt><dd>${after}</dd>`)}
    ${entry.erased ? html`<dt>Reason and address</dt><dd class="muted">were erased</dd>` : nothing}
    ${entry.userAgent ? html`<dt>User agent</dt><dd>${entry.userAgent}</dd>` : nothing}
    <dt>Request</dt><dd><code>${entry.requestId}</code></dd>
    <dt>Position</dt><dd>${entry.position} <a href=${linkTo('/proofs', {position: String(entry.position)})}>Prove that it is in the log</a></dd>
    <dt>More</dt><dd>${entry.keyId ? html`<a href=${linkTo('/audit', {keyId: entry.keyId})}>all about this key</a>, ` : nothing}<a
      href=${linkTo('/audit', {actor: entry.actor.id ? `${entry.actor.type}:${entry.actor.id}` : entry.actor.type})}>all by ${entry.actor.type === 'root' ? 'the root key' : 'the same'}</a></dd>
  </dl>`;
}

customElements.define('audit-page', AuditPage);
