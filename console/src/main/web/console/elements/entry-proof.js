/** Verifies, in the browser, that an entry is in the log, and gives its evidence to keep. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {areSame, bytesOf, hasWebCrypto, hex} from '../proofs/bytes.js';
import {signatureOf} from '../proofs/checkpoint.js';
import {entryOf, proofOf} from '../proofs/entry.js';
import {leafHash, rootOf} from '../proofs/tree.js';
import {goTo, linkTo} from '../routing/route.js';
import {changesOf, eventWords} from '../text/changes.js';
import {AskingElement, fieldsOf} from './console-element.js';
import {save} from './copy-button.js';
import {actorText, conditionList} from './key-texts.js';
import {skeleton} from './loading.js';
import './time-text.js';

/** @typedef {import('./key-texts.js').Condition} Condition */
/** @typedef {{entry: ReturnType<typeof entryOf>, bytes: import('../proofs/bytes.js').Bytes, proof: string, conditions: Condition[]}} Evidence */

export class EntryProof extends AskingElement {
  static properties = {keys: {attribute: false}, position: {attribute: false}, evidence: {state: true}};

  constructor() {
    super();
    /** The verifier keys of the log. */
    this.keys = '';
    /** The position in the log, or a token for it. */
    this.position = '';
    /** @type {Evidence | null} */
    this.evidence = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('position') && this.position) {
      this.#verify(this.position);
    }
  }

  render() {
    return html`<form @submit=${this.#submit} autocomplete="off" class="narrow">
        <label>Position <small>(of an event, as in the audit; or the <code>Keyledger-Position</code> of a command)</small>
          <span class="snippet"><input name="position" required maxlength="32" pattern="[A-Za-z0-9_\\-]+" .value=${this.position} placeholder="4171" spellcheck="false">
          <button type="submit" class="small" aria-busy=${this.busy}>Verify</button></span></label>
      </form>
      <problem-notice .problem=${this.problem}></problem-notice>
      ${this.busy && !this.evidence ? skeleton(5) : nothing}
      ${this.evidence ? this.#evidence(this.evidence) : nothing}
      ${this.position ? nothing : html`<p class="fine">The <a href="#/audit">audit</a> leads here from each of its events.</p>`}`;
  }

  /** @param {Evidence} evidence */
  #evidence({entry, bytes, proof, conditions}) {
    const isWrong = conditions.some(({outcome}) => outcome === 'failed');
    const isProven = !isWrong && conditions.slice(0, 3).every(({outcome}) => outcome === 'passed');
    const name = `entry-${entry.position}`;
    return html`
      <p role="status" class="verdict ${isProven ? 'good' : isWrong ? 'bad' : ''}">${isProven ? 'Proven: this event is in the log, as it is shown here.'
          : isWrong ? 'Not proven. Do not rely on this entry.' : 'Not verified in this browser.'}</p>
      ${conditionList(conditions)}
      <dl class="facts">
        <dt>Event</dt><dd>${eventWords(entry.type)} <code>${entry.type}</code></dd>
        <dt>Time</dt><dd><time-text .value=${entry.time} form="full"></time-text></dd>
        ${entry.keyId ? html`<dt>Key</dt><dd><a href=${linkTo(`/keys/${entry.keyId}`)}><code>${entry.keyId}</code></a></dd>` : nothing}
        <dt>Workspace</dt><dd>${entry.workspace}</dd>
        <dt>By</dt><dd>${actorText(entry.actor)}</dd>
        <dt>Request</dt><dd><code>${entry.requestId}</code></dd>
        ${changesOf(/** @type {any} */ ({...entry, data: readable(entry.data)}), {}).map(({label, after}) => html`<dt>${label}</dt><dd>${after}</dd>`)}
      </dl>
      <div class="actions">
        <button type="button" class="secondary outline" @click=${() => save(`${name}.tlog-proof`, new Blob([proof]))}>Download the proof</button>
        <button type="button" class="secondary outline" @click=${() => save(`${name}.leaf`, new Blob([bytes]))}>Download the entry</button>
        <button type="button" class="secondary outline" @click=${() => save('log.key', new Blob([this.keys]))}>Download the log's keys</button>
      </div>
      <p class="fine">Together they are the evidence: the bytes of the event, the proof with its checkpoint (C2SP tlog-proof), and the keys
        that the checkpoint is signed with. Reason, address and user agent are not part of the bytes, so that they can be erased.</p>`;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const {position} = fieldsOf(event);
    if (position === this.position) {
      this.#verify(position);
    }
    goTo(linkTo('/proofs', {position}), {replace: true});
  }

  /** @param {string} position */
  async #verify(position) {
    this.evidence = null;
    const path = `/v1/log/entries/${encodeURIComponent(position)}`;
    await this.attempt(async () => {
      /** @type {{bytes: string}} */
      const {bytes: encoded} = await read(path);
      const {body} = await request('GET', `${path}.tlog-proof`, {as: 'text'});
      const bytes = bytesOf(encoded);
      const proof = String(body);
      this.evidence = {entry: entryOf(bytes), bytes, proof, conditions: await conditionsOf(bytes, proof, this.keys)};
    });
    if (this.position && position !== this.position) {
      this.#verify(this.position); // which was named meanwhile
    }
  }
}

/**
 * Verifies an entry.
 *
 * @param {import('../proofs/bytes.js').Bytes} bytes
 * @param {string} text of the proof
 * @param {string} keys
 * @returns {Promise<Condition[]>}
 */
async function conditionsOf(bytes, text, keys) {
  const {index, hashes, checkpoint} = proofOf(text);
  if (!hasWebCrypto()) {
    return [{outcome: 'idle', text: 'The hashes and the signature, because this browser offers no WebCrypto here.'}];
  }
  const hash = await leafHash(bytes);
  const root = await rootOf(hash, index, checkpoint.size, hashes);
  return [
    isAt(bytes, index, hex(hash)),
    root && areSame(root, checkpoint.root)
        ? {outcome: 'passed', text: `With the ${hashes.length} hashes of the proof, they lead to the root of the checkpoint of ${checkpoint.size.toLocaleString()} events.`}
        : {outcome: 'failed', text: 'The hashes of the proof do not lead to the root of the checkpoint.'},
    await signed(checkpoint, keys),
    {outcome: 'idle', text: 'That the key is the right one: compare it with the one that you noted, below.'},
    {outcome: 'idle', text: 'The second signature, with ML-DSA-44: browsers do not offer it.'},
  ];
}

/** @param {import('../proofs/bytes.js').Bytes} bytes @param {number} index @param {string} hash @returns {Condition} */
function isAt(bytes, index, hash) {
  const {position} = entryOf(bytes);
  return position === index + 1
      ? {outcome: 'passed', text: html`The bytes of the entry say that it is number ${position}, and have the hash <code>${hash.slice(0, 16)}…</code> (SHA-256).`}
      : {outcome: 'failed', text: `The bytes say that the entry is number ${position}, and the proof is about number ${index + 1}.`};
}

/** @param {import('../proofs/checkpoint.js').Checkpoint} checkpoint @param {string} keys @returns {Promise<Condition>} */
async function signed(checkpoint, keys) {
  try {
    const {isSigned, why} = await signatureOf(checkpoint, keys);
    return isSigned
        ? {outcome: 'passed', text: 'The checkpoint is signed with the log\'s key (Ed25519).'}
        : {outcome: 'failed', text: `The checkpoint is not proven: ${why}.`};
  } catch {
    return {outcome: 'idle', text: 'The signature: this browser has no Ed25519. Newer ones have.'};
  }
}

/** Returns the fields of an event without what nobody reads. @param {Record<string, any>} data */
function readable(data) {
  const {secret, ...others} = data;
  return secret?.hint ? {...others, secret: {hint: secret.hint}} : others;
}

customElements.define('entry-proof', EntryProof);
