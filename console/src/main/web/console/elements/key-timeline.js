/** Everything that happened to a key: who, why, from where, and what changed. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {changesOf, eventWords} from '../text/changes.js';
import {ConsoleElement} from './console-element.js';
import {actorText} from './key-texts.js';
import {Loading} from './loading.js';
import './time-text.js';

const PAGE_EVENTS = 200;
const ENDINGS = new Set(['KeyRevoked', 'KeySuspended', 'KeyExpired', 'LeakReported']);

export class KeyTimeline extends ConsoleElement {
  static properties = {keyId: {attribute: false}, version: {attribute: false}};

  constructor() {
    super();
    this.keyId = '';
    /** Loads again when it changes. */
    this.version = 0;
    /** @type {Loading<{entries: AuditEntry[], nextCursor?: string}>} oldest first */
    this.history = new Loading(this, (signal) => this.#load(signal, [], undefined));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('keyId') || changed.has('version')) {
      this.history.run();
    }
  }

  /** @param {AbortSignal} signal @param {AuditEntry[]} before @param {string | undefined} cursor */
  async #load(signal, before, cursor) {
    /** @type {Page<AuditEntry>} */
    const page = await read(`/v1/keys/${this.keyId}/history`, {limit: String(PAGE_EVENTS), cursor}, signal);
    const entries = [...before, ...page.data];
    this.dispatchEvent(new CustomEvent('events', {detail: entries}));
    return {entries, nextCursor: page.nextCursor};
  }

  render() {
    return this.history.render(({entries, nextCursor}) => html`
      ${nextCursor ? html`<p><button type="button" class="link" @click=${() => this.#more(entries, nextCursor)}>Load the events after these ${entries.length}</button></p>` : nothing}
      <ol class="timeline" reversed>${withChanges(entries).reverse().map(([entry, changes]) => item(entry, changes))}</ol>`, 6);
  }

  /** @param {AuditEntry[]} entries @param {string} cursor */
  async #more(entries, cursor) {
    const more = new Loading(this, (signal) => this.#load(signal, entries, cursor));
    await more.run();
    this.history.value = more.value ?? this.history.value;
    this.history.problem = more.problem;
    this.requestUpdate();
  }
}

/** @param {AuditEntry} entry @param {ReturnType<typeof changesOf>} changes */
function item(entry, changes) {
  return html`<li class=${ENDINGS.has(entry.type) ? 'ends' : ''}>
    <p><strong>${eventWords(entry.type)}</strong> <time-text .value=${entry.time}></time-text>
      <small>by ${actorText(entry.actor)}${entry.ip ? html` from ${entry.ip}` : nothing}</small></p>
    ${entry.reason ? html`<p>“${entry.reason}”</p>` : nothing}
    ${entry.erased ? html`<p class="muted">Reason and address were erased.</p>` : nothing}
    <ul class="changes">${changes.map(({label, before, after}) => html`<li><span class="muted">${label}:</span>
      ${before === undefined ? nothing : html`<del>${before}</del> → `}${after}</li>`)}</ul>
    <small><time-text .value=${entry.time} form="full"></time-text>, position ${entry.position}, <code>${entry.requestId}</code></small>
  </li>`;
}

/** Each entry with what it changed, which the entries before it tell. @param {AuditEntry[]} entries oldest first */
function withChanges(entries) {
  /** @type {Record<string, any>} */
  const state = {};
  return entries.map((entry) => /** @type {[AuditEntry, ReturnType<typeof changesOf>]} */ ([entry, changesOf(entry, state)]));
}

customElements.define('key-timeline', KeyTimeline);
