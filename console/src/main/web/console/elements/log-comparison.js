/** Compares the log of now with a checkpoint and keys that somebody has kept. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {bytesOf, hasWebCrypto} from '../proofs/bytes.js';
import {checkpointOf, isSameKey, signatureOf} from '../proofs/checkpoint.js';
import {isConsistent} from '../proofs/tree.js';
import {AskingElement, fieldsOf} from './console-element.js';
import {conditionList} from './key-texts.js';
import './problem-notice.js';

/** @typedef {import('./key-texts.js').Condition} Condition */
/** @typedef {import('../proofs/checkpoint.js').Checkpoint} Checkpoint */

export class LogComparison extends AskingElement {
  static properties = {latest: {attribute: false}, conditions: {state: true}};

  constructor() {
    super();
    /** Reads the checkpoint of now. @type {() => Promise<import('../pages/proofs-page.js').Head>} */
    this.latest = () => Promise.reject();
    /** @type {Condition[]} */
    this.conditions = [];
  }

  render() {
    const isWrong = this.conditions.some(({outcome}) => outcome === 'failed');
    return html`<p>A key that this service names proves little if the service itself is not trusted. Compare it with the one that
        you noted, and the log with a checkpoint of earlier.</p>
      <form class="narrow" @submit=${this.#compare} autocomplete="off">
        <label>An earlier checkpoint<textarea name="checkpoint" rows="4" spellcheck="false" placeholder="keyledger.dev/log/..."></textarea></label>
        <label>The log's keys, as you noted them<textarea name="keys" rows="2" spellcheck="false" placeholder="keyledger.dev/log/...+0123abcd+AbCd..."></textarea></label>
        <problem-notice .problem=${this.problem}></problem-notice>
        <button type="submit" class="small" aria-busy=${this.busy} ?disabled=${!hasWebCrypto()}>Compare</button>
      </form>
      ${this.conditions.length > 0 ? html`<p role="status" class="verdict ${isWrong ? 'bad' : 'good'}">${isWrong ? 'This is not the log that you know.'
          : 'This is the log that you know.'}</p>${conditionList(this.conditions)}` : nothing}`;
  }

  /** @param {SubmitEvent} event */
  async #compare(event) {
    const {checkpoint: note, keys} = fieldsOf(event);
    await this.attempt(async () => {
      this.conditions = [];
      if (!note && !keys) {
        throw new Error('Fill in a checkpoint, or the keys, or both.');
      }
      const head = await this.latest();
      this.conditions = [...(keys ? [await sameKey(head, keys)] : []), ...(note ? await extended(head, note, keys || head.keys) : [])];
    });
    if (this.problem?.code === 'console-defect') {
      this.problem = {code: 'not-compared', title: 'That cannot be compared', detail: this.problem.detail, status: 0};
    }
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
  const kept = checkpointOf(note);
  if (kept.origin !== head.checkpoint.origin) {
    return [{outcome: 'failed', text: `The checkpoint is of another log, ${kept.origin}.`}];
  }
  const {isSigned, why} = await signatureOf(kept, keys);
  return [
    isSigned ? {outcome: 'passed', text: 'The checkpoint is signed by the log.'}
        : {outcome: 'failed', text: `The checkpoint is not signed by the log: ${why}.`},
    await continued(kept, head.checkpoint),
  ];
}

/**
 * Compares a checkpoint with that of now. One that is newer is from another node: this one may be behind.
 *
 * @param {Checkpoint} kept @param {Checkpoint} now @returns {Promise<Condition>}
 */
async function continued(kept, now) {
  const isNewer = kept.size > now.size;
  const [earlier, later] = isNewer ? [now, kept] : [kept, now];
  /** @type {{hashes: string[]}} */
  let proof;
  try {
    proof = await read('/v1/log/proofs/consistency', {from: String(earlier.size), to: String(later.size)});
  } catch (thrown) {
    if (!isNewer || problemOf(thrown).status < 400) {
      throw thrown;
    }
    return {outcome: 'failed', text: `It has ${kept.size} events, and the log now has ${now.size}: events are gone, unless the node that answered is behind. Compare again in a minute.`};
  }
  if (!await isConsistent(earlier, later, proof.hashes.map(bytesOf))) {
    return {outcome: 'failed', text: 'One does not continue the other: events were changed.'};
  }
  const more = (later.size - earlier.size).toLocaleString();
  return {outcome: 'passed', text: isNewer ? `It is newer than the latest checkpoint here, and continues it with ${more} more.`
      : `The log of now has all ${earlier.size.toLocaleString()} events of then, unchanged, and ${more} more.`};
}

customElements.define('log-comparison', LogComparison);
