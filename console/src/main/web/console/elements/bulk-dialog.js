/**
 * A command on many keys: what to do, then a dry run that lists what will happen to each key, then
 * what happened. A key that changed after the dry run is left alone.
 */
import {html, nothing} from 'lit';
import {newIdempotencyKey, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {grantedBy} from '../permissions/patterns.js';
import {session} from '../session/session.js';
import {countOf} from '../text/time.js';
import {AskingElement, fieldsOf, options} from './console-element.js';
import './expiry-field.js';
import {expiryText, keyLink, lastUseText, ownerText, REVOCATION_REASONS} from './key-texts.js';
import './owner-field.js';
import './problem-notice.js';
import './time-text.js';

/** @typedef {'renew' | 'revoke' | 'transfer'} Command */
/** @typedef {{key: Key, will: unknown, acts: boolean, version?: number}} Planned what will happen to a key */
/** @typedef {{key: Key, result: unknown, isDone: boolean, isUnknown?: boolean}} Outcome */

const AT_ONCE = 6;
/** The codes of problems after which the command may have been carried out. */
const UNKNOWN = ['unreachable', 'outcome-unknown', 'idempotency-in-flight'];

export class BulkDialog extends AskingElement {
  static properties = {command: {state: true}, step: {state: true}, progress: {state: true}, isStopped: {state: true}};

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
    /** Part of what makes a command that is sent again the same one. */
    this.idempotencyKey = '';
    /** @type {Record<string, unknown>} the body of each command */
    this.body = {};
    this.progress = 0;
    /** Whether what has not been sent is not to be sent. */
    this.isStopped = false;
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
    return `${verb} ${countOf(this.keys.length, 'key')}`;
  }

  render() {
    return html`<dialog aria-labelledby="bulk-title" @close=${this.#closed} @cancel=${this.#keep} @keydown=${this.#keep}><article class="roomy">
      <h2 id="bulk-title">${this.#title}</h2>
      <problem-notice .problem=${this.problem}></problem-notice>
      ${{ask: () => this.#ask(), plan: () => this.#showPlan(), done: () => this.#showOutcomes()}[this.step]()}
    </article></dialog>`;
  }

  #ask() {
    return html`<form @submit=${this.#dryRun}>
      ${{
        renew: () => html`<expiry-field></expiry-field>`,
        revoke: () => html`<label>Why<select name="revocationReason">${options(REVOCATION_REASONS, 'unspecified')}</select></label>
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
      ${this.busy && this.command !== 'renew' ? html`<progress value=${this.progress} max=${acting}></progress>
        <p><button type="button" class="secondary" ?disabled=${this.isStopped} @click=${() => (this.isStopped = true)}>Stop what has not been sent</button></p>` : nothing}
      ${this.#footer(html`
        <button type="button" class="secondary" ?disabled=${this.busy} @click=${() => (this.step = 'ask')}>Back</button>
        <button type="button" class=${this.command === 'revoke' ? 'danger' : ''} aria-busy=${this.busy}
          ?disabled=${acting === 0} @click=${() => this.#execute(this.plan.filter((one) => one.acts))}>${{renew: 'Renew', revoke: 'Revoke', transfer: 'Transfer'}[this.command]} ${acting}</button>`)}`;
  }

  #showOutcomes() {
    const done = this.outcomes.filter((one) => one.isDone).length;
    const unknown = this.outcomes.filter((one) => one.isUnknown).length;
    const left = this.outcomes.length - done - unknown;
    return html`
      <p role="status">${done} done.${left > 0 ? ` ${left} left as they were: look at them below.` : ''}${unknown > 0
          ? ` ${unknown} not known: send them again, and each is carried out once.` : ''}</p>
      ${this.#table('What happened', this.outcomes.filter((one) => !one.isDone).concat(this.outcomes.filter((one) => one.isDone))
          .map((one) => ({name: keyLink(one.key), what: one.result})))}
      ${this.#footer(unknown > 0 ? html`<button type="button" aria-busy=${this.busy} @click=${() => this.#execute(this.plan.filter(({key}) => this.outcomes.some((one) => one.isUnknown && one.key.keyId === key.keyId)))}>Send those again</button>` : nothing, 'Close')}`;
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
    const {reason, revocationReason} = fieldsOf(event);
    const chosen = {
      renew: () => /** @type {any} */ (this.querySelector('expiry-field')).value,
      revoke: () => ({revocationReason}),
      transfer: () => ({owner: /** @type {any} */ (this.querySelector('owner-field')).value}),
    }[this.command]();
    this.outcomes = [];
    this.idempotencyKey = newIdempotencyKey();
    this.body = {...chosen, ...(reason && {reason})};
    this.attempt(async () => {
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
    const owner = /** @type {Owner} */ (this.body.owner);
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

  /** @param {Planned[]} acting */
  #execute(acting) {
    this.attempt(async () => {
      this.isStopped = false;
      const outcomes = this.command === 'renew' ? await this.#executeRenewal() : await this.#executeEach(acting);
      const isNew = new Set(outcomes.map(({key}) => key.keyId));
      this.outcomes = [...this.outcomes.filter(({key}) => !isNew.has(key.keyId)), ...outcomes];
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

  /** @param {Planned[]} acting @returns {Promise<Outcome[]>} */
  #executeEach(acting) {
    this.progress = 0;
    return inTurns(acting, async ({key, version}) => {
      if (this.isStopped) {
        return {key, isDone: false, result: 'Left alone: you stopped before it was sent.'};
      }
      try {
        await request('POST', `/v1/keys/${key.keyId}/${this.command}`, {
          body: this.body, headers: {'If-Match': `"${version}"`, 'Idempotency-Key': `${this.idempotencyKey}-${key.keyId}`},
        });
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
      headers: dryRun ? {} : {'Idempotency-Key': this.idempotencyKey},
    });
    return /** @type {{problem?: Problem, expiresAt?: string}[]} */ (body.results);
  }

  /** What runs goes on, so that its reader must see what came of it. @param {Event} event */
  #keep(event) {
    if (this.busy && (!(event instanceof KeyboardEvent) || event.key === 'Escape')) {
      event.preventDefault();
    }
  }

  #closed() {
    if (this.step === 'done') {
      this.dispatchEvent(new Event('done'));
    }
    this.step = 'ask';
  }
}

/** @param {Problem} problem */
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
