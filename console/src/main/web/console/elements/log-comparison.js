/** Compares the log of now with a checkpoint and keys that somebody has kept. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {bytesOf, hasWebCrypto} from '../proofs/bytes.js';
import {checkpointOf, isSameKey, signatureOf} from '../proofs/checkpoint.js';
import {isConsistent} from '../proofs/tree.js';
import {conditionList} from './condition-list.js';
import {ConsoleElement} from './console-element.js';
import './problem-notice.js';

/** @typedef {import('./condition-list.js').Condition} Condition */

export class LogComparison extends ConsoleElement {
  static properties = {head: {attribute: false}, busy: {state: true}, conditions: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {import('../pages/proofs-page.js').Head | null} */
    this.head = null;
    this.busy = false;
    /** @type {Condition[]} */
    this.conditions = [];
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
  }

  render() {
    const isWrong = this.conditions.some(({outcome}) => outcome === 'failed');
    return html`<p>A key that this service names proves little if the service itself is not trusted. Compare it with the one that
        you noted, and the log with a checkpoint of earlier.</p>
      <form class="narrow" @submit=${this.#compare} autocomplete="off">
        <label>An earlier checkpoint<textarea name="checkpoint" rows="4" spellcheck="false" placeholder="keyledger.dev/log/..."></textarea></label>
        <label>The log's keys, as you noted them<textarea name="keys" rows="2" spellcheck="false" placeholder="keyledger.dev/log/...+0123abcd+AbCd..."></textarea></label>
        ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
        <button type="submit" class="small" aria-busy=${this.busy} ?disabled=${!hasWebCrypto()}>Compare</button>
      </form>
      ${this.conditions.length > 0 ? html`<p role="status" class="verdict ${isWrong ? 'bad' : 'good'}">${isWrong ? 'This is not the log that you know.'
          : 'This is the log that you know.'}</p>${conditionList(this.conditions)}` : nothing}`;
  }

  /** @param {SubmitEvent} event */
  async #compare(event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [note, keys] = ['checkpoint', 'keys'].map((name) => String(fields.get(name)).trim());
    this.busy = true;
    this.problem = null;
    this.conditions = [];
    try {
      const head = /** @type {NonNullable<LogComparison['head']>} */ (this.head);
      if (!note && !keys) {
        throw new Error('Fill in a checkpoint, or the keys, or both.');
      }
      this.conditions = [...(keys ? [await sameKey(head, keys)] : []), ...(note ? await extended(head, note, keys || head.keys) : [])];
    } catch (thrown) {
      const problem = problemOf(thrown);
      this.problem = problem.code === 'console-defect'
          ? {code: 'not-compared', title: 'That cannot be compared', detail: problem.detail, status: 0} : problem;
    }
    this.busy = false;
  }
}

/** @param {import('../pages/proofs-page.js').Head} head @param {string} keys @returns {Promise<Condition>} */
async function sameKey(head, keys) {
  const {isSigned, why} = await signatureOf(head.checkpoint, keys);
  return isSigned && isSameKey(keys, head.keys)
      ? {outcome: 'passed', text: 'The log signs with the key that you noted.'}
      : {outcome: 'failed', text: `The latest checkpoint is not signed with the key that you noted${why && `: ${why}`}.`};
}

/** @param {import('../pages/proofs-page.js').Head} head @param {string} note @param {string} keys @returns {Promise<Condition[]>} */
async function extended(head, note, keys) {
  const earlier = checkpointOf(note);
  const later = head.checkpoint;
  if (earlier.origin !== later.origin) {
    return [{outcome: 'failed', text: `The checkpoint is of another log, ${earlier.origin}.`}];
  }
  const {isSigned, why} = await signatureOf(earlier, keys);
  if (earlier.size > later.size) {
    return [signatureCondition(isSigned, why), {outcome: 'failed', text: `It has ${earlier.size} events, and the log now has ${later.size}: events are gone.`}];
  }
  /** @type {{hashes: string[]}} */
  const {hashes} = await read('/v1/log/proofs/consistency', {from: String(earlier.size), to: String(later.size)});
  return [
    signatureCondition(isSigned, why),
    await isConsistent(earlier, later, hashes.map(bytesOf))
        ? {outcome: 'passed', text: `The log of now has all ${earlier.size.toLocaleString()} events of then, unchanged, and ${(later.size - earlier.size).toLocaleString()} more.`}
        : {outcome: 'failed', text: 'The log of now does not continue that of then: events were changed.'},
  ];
}

/** @param {boolean} isSigned @param {string} why @returns {Condition} */
function signatureCondition(isSigned, why) {
  return isSigned ? {outcome: 'passed', text: 'The earlier checkpoint is signed by the log.'}
      : {outcome: 'failed', text: `The earlier checkpoint is not signed by the log: ${why}.`};
}

customElements.define('log-comparison', LogComparison);
