/**
 * A command on many keys: what to do, then a dry run that lists what will happen to each key, then
 * what happened. A key that changed after the dry run is left alone.
 */
import {html, nothing} from 'lit';
import {request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {grantedBy} from '../permissions/own-permissions.js';
import {session} from '../session/session.js';
import {ConsoleElement} from './console-element.js';
import './expiry-field.js';
import {expiryText, keyLink, lastUseText, ownerText} from './key-texts.js';
import './owner-field.js';
import './problem-notice.js';
import {REVOCATION_REASONS} from './revocation-reasons.js';
import './time-text.js';

/** @typedef {import('../api/types.js').Key} Key */
/** @typedef {'renew' | 'revoke' | 'transfer'} Command */
/** @typedef {{key: Key, will: unknown, acts: boolean, version?: number}} Planned what will happen to a key */
/** @typedef {{key: Key, result: unknown, isDone: boolean, isUnknown?: boolean}} Outcome */

const AT_ONCE = 6;
/** The codes of problems after which the command may have been carried out. */
const UNKNOWN = ['unreachable', 'outcome-unknown'];

export class BulkDialog extends ConsoleElement {
  static properties = {command: {state: true}, step: {state: true}, busy: {state: true}, problem: {state: true}, progress: {state: true}};

  constructor() {
    super();
    /** @type {Command} */
    this.command = 'renew';
    /** @type {'ask' | 'plan' | 'done'} */
    this.step = 'ask';
    /** @type {Key[]} */
    this.keys = [];
    /** @type {Planned[]} */
    this.plan = [];
    /** @type {Outcome[]} */
    this.outcomes = [];
    /** @type {Record<string, unknown>} the body of each command */
    this.body = {};
    this.busy = false;
    this.progress = 0;
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
  }

  /** @param {Command} command @param {Key[]} keys */
  async open(command, keys) {
    this.command = command;
    this.keys = keys;
    this.step = 'ask';
    this.problem = null;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  /** What had the focus in the dialog belongs to the step before. @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('step') && this.step !== 'ask') {
      /** @type {HTMLElement | null} */ (this.querySelector('[role="region"]'))?.focus();
    }
  }

  get #title() {
    const verb = {renew: 'Renew', revoke: 'Revoke', transfer: 'Transfer'}[this.command];
    return `${verb} ${this.keys.length} ${this.keys.length === 1 ? 'key' : 'keys'}`;
  }

  render() {
    return html`<dialog aria-labelledby="bulk-title" @close=${this.#closed}><article class="roomy">
      <h2 id="bulk-title">${this.#title}</h2>
      ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
      ${{ask: () => this.#ask(), plan: () => this.#showPlan(), done: () => this.#showOutcomes()}[this.step]()}
    </article></dialog>`;
  }

  #ask() {
    return html`<form @submit=${this.#dryRun}>
      ${{
        renew: () => html`<expiry-field></expiry-field>`,
        revoke: () => html`<label>Why<select name="revocationReason">${REVOCATION_REASONS.map(([value, label]) => html`<option value=${value}>${label}</option>`)}</select></label>
          <p class="notice">A revocation cannot be undone.</p>`,
        transfer: () => html`<owner-field></owner-field>`,
      }[this.command]()}
      <label>Reason <small>(kept in the record)</small><input name="reason" maxlength="500" autocomplete="off"></label>
      ${this.#footer(html`<button type="submit" aria-busy=${this.busy}>See what will happen</button>`)}
    </form>`;
  }

  #showPlan() {
    const acting = this.plan.filter((one) => one.acts).length;
    return html`
      <p>Nothing has been changed yet. ${acting} of ${this.plan.length} will change.</p>
      ${this.#table('What will happen', this.plan.map((one) => ({name: one.key.name, what: one.will})))}
      ${this.busy && this.command !== 'renew' ? html`<progress value=${this.progress} max=${acting}></progress>` : nothing}
      ${this.#footer(html`
        <button type="button" class="secondary" ?disabled=${this.busy} @click=${() => (this.step = 'ask')}>Back</button>
        <button type="button" class=${this.command === 'revoke' ? 'danger' : ''} aria-busy=${this.busy}
          ?disabled=${acting === 0} @click=${this.#execute}>${{renew: 'Renew', revoke: 'Revoke', transfer: 'Transfer'}[this.command]} ${acting}</button>`)}`;
  }

  #showOutcomes() {
    const done = this.outcomes.filter((one) => one.isDone).length;
    const unknown = this.outcomes.filter((one) => one.isUnknown).length;
    const left = this.outcomes.length - done - unknown;
    return html`
      <p role="status">${done} done.${left > 0 ? ` ${left} left as they were: look at them below.` : ''}${unknown > 0
          ? ` ${unknown} not known: look at them again.` : ''}</p>
      ${this.#table('What happened', this.outcomes.filter((one) => !one.isDone).concat(this.outcomes.filter((one) => one.isDone))
          .map((one) => ({name: keyLink(one.key), what: one.result})))}
      ${this.#footer(nothing, 'Close')}`;
  }

  /** @param {string} heading @param {{name: unknown, what: unknown}[]} rows */
  #table(heading, rows) {
    return html`<div class="scroll short" tabindex="0" role="region" aria-label=${heading}><table>
      <thead><tr><th scope="col">Key</th><th scope="col">${heading}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><td>${row.name}</td><td>${row.what}</td></tr>`)}</tbody></table></div>`;
  }

  /** @param {unknown} buttons */
  #footer(buttons, close = 'Cancel') {
    return html`<footer><button type="button" class="secondary outline" ?disabled=${this.busy}
      @click=${() => this.querySelector('dialog')?.close()}>${close}</button>${buttons}</footer>`;
  }

  /** @param {SubmitEvent} event */
  #dryRun(event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const reason = String(fields.get('reason')).trim();
    const chosen = {
      renew: () => /** @type {any} */ (this.querySelector('expiry-field')).value,
      revoke: () => ({revocationReason: fields.get('revocationReason')}),
      transfer: () => ({owner: /** @type {any} */ (this.querySelector('owner-field')).value}),
    }[this.command]();
    this.body = {...chosen, ...(reason && {reason})};
    this.#try(async () => {
      this.plan = this.command === 'renew' ? await this.#planRenewal() : await this.#planEach();
      this.step = 'plan';
    });
  }

  /** @returns {Promise<Planned[]>} */
  async #planRenewal() {
    const results = await this.#renewBatch(true);
    return this.keys.map((key, i) => {
      const {problem, expiresAt} = results[i];
      const isSame = !problem && expiresAt === key.expiresAt;
      return {
        key,
        acts: !problem && !isSame,
        will: problem ? refusal(problem) : isSame ? 'Expires then already: nothing changes.'
            : html`Expires ${expiryText(key)} → ${expiresAt ? html`<time-text .value=${expiresAt}></time-text>` : 'never'}`,
      };
    });
  }

  /** Looks at each key again: the command is sent only if the key is still as the reader saw it. @returns {Promise<Planned[]>} */
  #planEach() {
    return inTurns(this.keys, async (listed) => {
      try {
        const {body: key} = await request('GET', `/v1/keys/${listed.keyId}`);
        return {key, version: key.version, ...(this.command === 'revoke' ? this.#willRevoke(key) : this.#willTransfer(key))};
      } catch (thrown) {
        return {key: listed, acts: false, will: refusal(problemOf(thrown))};
      }
    });
  }

  /** @param {Key} key */
  #willRevoke(key) {
    return key.status === 'revoked'
        ? {acts: false, will: 'Revoked already: nothing changes.'}
        : {acts: true, will: html`Ends now, for good. Last used: ${lastUseText(key)}.`};
  }

  /** @param {Key} key */
  #willTransfer(key) {
    const owner = /** @type {import('../api/types.js').Owner} */ (this.body.owner);
    if (key.status === 'revoked') {
      return {acts: false, will: 'Revoked: it cannot be transferred.'};
    }
    if (key.permissions.some((one) => grantedBy(session.self?.permissions ?? [], one) === undefined)) {
      return {acts: false, will: 'Above your ceiling: you may not change it.'};
    }
    return key.owner.type === owner.type && key.owner.id === owner.id
        ? {acts: false, will: 'Belongs to that owner already: nothing changes.'}
        : {acts: true, will: html`${ownerText(key.owner)} → ${ownerText(owner)}`};
  }

  #execute() {
    this.#try(async () => {
      this.outcomes = this.command === 'renew' ? await this.#executeRenewal() : await this.#executeEach();
      this.step = 'done';
    });
  }

  /** @returns {Promise<Outcome[]>} */
  async #executeRenewal() {
    const results = await this.#renewBatch(false);
    return this.keys.map((key, i) => {
      const {problem, expiresAt} = results[i];
      return {
        key,
        isDone: !problem,
        result: problem ? refusal(problem) : html`Expires ${expiresAt ? html`<time-text .value=${expiresAt}></time-text>` : 'never'}`,
      };
    });
  }

  /** @returns {Promise<Outcome[]>} */
  #executeEach() {
    this.progress = 0;
    return inTurns(this.plan.filter((one) => one.acts), async ({key, version}) => {
      try {
        await request('POST', `/v1/keys/${key.keyId}/${this.command}`, {body: this.body, headers: {'If-Match': `"${version}"`}});
        return {key, isDone: true, result: this.command === 'revoke' ? 'Revoked' : 'Transferred'};
      } catch (thrown) {
        const problem = problemOf(thrown);
        return {key, isDone: false, isUnknown: UNKNOWN.includes(problem.code), result: refusal(problem)};
      } finally {
        this.progress++;
      }
    });
  }

  /** @param {boolean} dryRun */
  async #renewBatch(dryRun) {
    const {body} = await request('POST', '/v1/keys/renew-batch', {
      body: {keyIds: this.keys.map((key) => key.keyId), ...this.body, ...(dryRun && {dryRun})},
    });
    return /** @type {{problem?: import('../api/types.js').Problem, expiresAt?: string}[]} */ (body.results);
  }

  /** @param {() => Promise<void>} task */
  async #try(task) {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      await task();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    this.busy = false;
  }

  #closed() {
    if (this.step === 'done') {
      this.dispatchEvent(new Event('done'));
    }
    this.step = 'ask';
  }
}

/** @param {import('../api/types.js').Problem} problem */
function refusal(problem) {
  if (UNKNOWN.includes(problem.code)) {
    return html`<strong>Not known:</strong> the answer was lost.`;
  }
  return problem.code === 'version-mismatch'
      ? html`<strong>Left alone:</strong> it changed after you had looked at it.`
      : html`<strong>Left alone:</strong> ${problem.detail}`;
}

/**
 * Does something for each of many, a few at once, and returns what came of it in the same order.
 *
 * @template T, R
 * @param {T[]} all
 * @param {(one: T) => Promise<R>} task
 * @returns {Promise<R[]>}
 */
async function inTurns(all, task) {
  /** @type {R[]} */
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < all.length) {
      const i = next++;
      results[i] = await task(all[i]);
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, worker));
  return results;
}

customElements.define('bulk-dialog', BulkDialog);
