import type { Calls } from './calls.js';
import type { Changes } from './changes.js';
import { ASKED, decision, type Decider, type Decision, type Question, type Source } from './checks.js';
import { KeyledgerError } from './errors.js';
import { connect, PAUSE_MAX_MILLIS, PAUSE_MIN_MILLIS, withJitter } from './feed.js';
import { IpAllowList } from './ip.js';
import { isOperators, isPermission, PermissionSet } from './permission.js';
import type { Message } from './sse.js';
import { paused, type Transport } from './transport.js';
import type { DecisionCode, FeedEnd, FeedEvent, FeedHeartbeat } from './types.js';

const ENTRIES_MAX = 1_000_000;
const STALENESS_MAX_MILLIS = 60_000;
const CUT_OFF_MAX_MILLIS = 86_400_000;

/** After that long, the service is asked about a key again, so that it notes the uses of keys. */
export const ASKED_AGAIN_MILLIS = 60_000;

/** After that long without a feed, another one begins. */
export const RESUME_MAX_MILLIS = 60_000;

/** A feed that talks, but is older than it may be for that long, is given up. */
const LAG_MAX_MILLIS = 10_000;

const SALT_BYTES = 64;

/** The number of changes that are kept apart; a power of two. */
const CHANGES = 1 << 16;

/** How checks are decided in the client, from what the service said before, while the feed tells of every change. */
export interface LocalDecisions {
  /** The maximum number of secrets that are known, 1 to 1,000,000. */
  readonly entriesMax: number;
  /** How old the feed may be, 1 to 60,000; 1,000 if absent. */
  readonly maxStalenessMillis?: number;
  /**
   * How old the feed may be when the service cannot be reached either, for keys that were known, up to a day; 0 if
   * absent: such checks fail.
   */
  readonly allowWhenCutOffMillis?: number;
}

/** What was decided where, since the client was made. */
export interface LocalStats {
  /** Checks that were decided here. */
  readonly local: number;
  /** Checks that the service was asked for. */
  readonly asked: number;
  /** Checks that were decided here although nothing could be reached. */
  readonly cutOff: number;
  /** The secrets that are known now. */
  readonly entries: number;
  /** Whether checks are decided here now. */
  readonly live: boolean;
}

/** Decides checks here while that is safe, and else asks the service. */
export class LocalChecks implements Decider, Changes {
  readonly #maxStalenessMillis: number;
  readonly #allowWhenCutOffMillis: number;
  readonly #now: () => number;
  readonly #clock = new FeedClock();
  readonly #cache: DecisionCache;
  readonly #reader: FeedReader;
  #local = 0;
  #asked = 0;
  #cutOff = 0;

  /**
   * Begins to follow the feed.
   *
   * @param now the time of this machine in milliseconds, of any beginning
   * @throws RangeError if a setting is out of range
   */
  constructor(settings: LocalDecisions, transport: Transport, now: () => number) {
    const { entriesMax, maxStalenessMillis = 1000, allowWhenCutOffMillis = 0 } = settings;
    requireRange('entriesMax', entriesMax, 1, ENTRIES_MAX);
    requireRange('maxStalenessMillis', maxStalenessMillis, 1, STALENESS_MAX_MILLIS);
    requireRange('allowWhenCutOffMillis', allowWhenCutOffMillis, 0, CUT_OFF_MAX_MILLIS);
    this.#maxStalenessMillis = maxStalenessMillis;
    this.#allowWhenCutOffMillis = allowWhenCutOffMillis;
    this.#now = now;
    this.#cache = new DecisionCache(entriesMax);
    this.#reader = new FeedReader(transport, this.#clock, this.#cache, maxStalenessMillis, now);
  }

  get stats(): LocalStats {
    return {
      local: this.#local,
      asked: this.#asked,
      cutOff: this.#cutOff,
      entries: this.#cache.size,
      live: this.#clock.isFresh(this.#now(), this.#maxStalenessMillis),
    };
  }

  async decide(question: Question, calls: Calls): Promise<Decision> {
    if (question.explain || calls.options.atLeast !== undefined || !isVisible(question.key)) {
      this.#asked++;
      return ASKED.decide(question, calls);
    }
    const hash = await this.#cache.hash(question.key);
    const now = this.#now();
    const known = this.#cache.find(hash);
    const maxAgeMillis = Math.min(question.maxAgeMillis ?? Infinity, this.#maxStalenessMillis);
    if (
      known !== undefined &&
      now - known.storedMillis < ASKED_AGAIN_MILLIS &&
      this.#clock.isFresh(now, maxAgeMillis)
    ) {
      this.#local++;
      return this.#judged(known, question, now, 'local');
    }
    return this.#ask(question, calls, hash, known);
  }

  changed(keyId: string): void {
    this.#cache.changed(keyId);
  }

  manyChanged(): void {
    this.#cache.clear();
  }

  close(): void {
    this.#reader.close();
  }

  async #ask(question: Question, calls: Calls, hash: string, known: Entry | undefined): Promise<Decision> {
    this.#asked++;
    const stamp = this.#cache.stamp;
    try {
      const answer = decision(await calls.ask('checks', ['verify'], { ...question.body, cacheable: true }));
      this.#keep(hash, answer, stamp);
      return withoutConditions(answer);
    } catch (failed) {
      const now = this.#now();
      const isAllowed =
        failed instanceof KeyledgerError &&
        failed.kind === 'unavailable' &&
        known !== undefined &&
        this.#cache.isGood(known) &&
        this.#allowWhenCutOffMillis > 0 &&
        this.#clock.age(now) <= this.#allowWhenCutOffMillis;
      if (!isAllowed) {
        throw failed;
      }
      this.#cutOff++;
      return this.#judged(known, question, now, 'local-cut-off');
    }
  }

  /** Keeps an answer, unless the feed is older than it may be, or newer than the answer. */
  #keep(hash: string, answer: Decision, stamp: number): void {
    const now = this.#now();
    this.#clock.answer(millisOf(answer.asOf), now);
    if (this.#clock.isFresh(now, this.#maxStalenessMillis) && answer.position >= this.#clock.position) {
      const key = CachedKey.of(answer);
      if (key !== undefined) {
        this.#cache.put(hash, key, stamp, now);
      }
    }
  }

  #judged(known: Entry, question: Question, now: number, source: Source): Decision {
    return known.key.decide(question, this.#clock.now(now), this.#clock, source);
  }
}

/**
 * How far the feed is, and how old that is, in the service's time: its clock and this machine's are never compared.
 *
 * The service's time is estimated from the answers and heartbeats that came with the least delay. A heartbeat that was
 * delayed, or a feed from a node that lags, is therefore seen to be old. The estimate gives way by a thousandth, so that
 * clocks of different speeds do not part.
 */
export class FeedClock {
  /** Whether the feed is connected, and has said since then how far it is. */
  live = false;
  /** Every event up to it was heard. */
  position = -1;
  /** Every event up to that time was heard, as the service wrote it. */
  asOf = '';
  #asOfMillis = 0;
  #offset: number | undefined;
  #offsetAt = 0;

  /** Returns the service's time, at least nearly; milliseconds since 1970. */
  now(millis: number): number {
    return millis + this.#offsetNow(millis);
  }

  /** Returns for how many milliseconds something may have happened without being heard. */
  age(millis: number): number {
    return this.#offset === undefined ? Infinity : this.now(millis) - this.#asOfMillis;
  }

  isFresh(millis: number, maxMillis: number): boolean {
    return this.live && this.age(millis) <= maxMillis;
  }

  /** Forgets everything: another feed begins. */
  reset(): void {
    this.live = false;
    this.position = -1;
    this.asOf = '';
    this.#asOfMillis = 0;
    this.#offset = undefined;
  }

  /** An event was heard. */
  event(position: number): void {
    this.position = Math.max(position, this.position);
  }

  /** A heartbeat was heard: all events up to a position and a time were. */
  heartbeat(position: number, asOf: string, millis: number): void {
    const time = millisOf(asOf);
    if (time >= this.#asOfMillis) {
      this.asOf = asOf;
      this.#asOfMillis = time;
    }
    this.answer(this.#asOfMillis, millis);
    this.live = true;
    this.position = Math.max(position, this.position);
  }

  /** An answer said what time it is for the service, or was a little before. */
  answer(time: number, millis: number): void {
    if (this.#offset === undefined || time - millis >= this.#offsetNow(millis)) {
      this.#offset = time - millis;
      this.#offsetAt = millis;
    }
  }

  /** The feed is lost. */
  lost(): void {
    this.live = false;
  }

  #offsetNow(millis: number): number {
    return (this.#offset ?? 0) - (millis - this.#offsetAt) / 1000;
  }
}

/** A key in the cache. */
interface Entry {
  readonly key: CachedKey;
  readonly storedMillis: number;
  readonly slot: number;
  readonly stamp: number;
}

/**
 * A bounded table of keys by a salted SHA-256 of their secrets. The salt is random and never leaves the table, so that
 * neither says anything about a secret. A full table drops the key that was not used for the longest time.
 *
 * Each change of a key has a number. An entry is good while no change of its key has a higher number than there was when
 * the service was asked for it: an answer that was on its way while the key changed is never used. The numbers are kept
 * by the hash of the key's id, so that a change may also end entries of other keys, which only costs another request.
 */
class DecisionCache {
  readonly #entries = new Map<string, Entry>(); // in the order of use
  readonly #entriesMax: number;
  readonly #salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  readonly #encoder = new TextEncoder();
  readonly #changes = new Float64Array(CHANGES);
  #number = 0;
  #manyChanged = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    let size = 0;
    for (const entry of this.#entries.values()) {
      size += this.isGood(entry) ? 1 : 0;
    }
    return size;
  }

  /** The number to {@link put} an answer with. Taken before the service is asked. */
  get stamp(): number {
    return this.#number;
  }

  /** Returns the hash of a secret of visible ASCII. */
  async hash(secret: string): Promise<string> {
    const salted = new Uint8Array(this.#salt.length + secret.length);
    salted.set(this.#salt);
    this.#encoder.encodeInto(secret, salted.subarray(this.#salt.length));
    const digest = await crypto.subtle.digest('SHA-256', salted);
    return String.fromCharCode(...new Uint16Array(digest));
  }

  /** Returns the entry of a secret, if there is one that is good. */
  find(hash: string): Entry | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) {
      return undefined;
    }
    this.#entries.delete(hash);
    if (!this.isGood(entry)) {
      return undefined;
    }
    this.#entries.set(hash, entry);
    return entry;
  }

  put(hash: string, key: CachedKey, stamp: number, millis: number): void {
    this.#entries.delete(hash);
    if (this.#entries.size === this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest ?? '');
    }
    this.#entries.set(hash, { key, storedMillis: millis, slot: slotOf(key.keyId), stamp });
  }

  /** Whether the key of an entry has not changed. */
  isGood(entry: Entry): boolean {
    return (this.#changes[entry.slot] ?? 0) <= entry.stamp && this.#manyChanged <= entry.stamp;
  }

  /** Ends the entries of a key. */
  changed(keyId: string): void {
    this.#changes[slotOf(keyId)] = ++this.#number;
  }

  /** Ends all entries. */
  clear(): void {
    this.#manyChanged = ++this.#number;
    this.#entries.clear();
  }
}

/** What the service said about a key, and what it takes to judge it again at another time, for another check. */
class CachedKey {
  readonly keyId: string;
  readonly #answer: Decision;
  readonly #permissions: PermissionSet;
  readonly #ipAllowList: IpAllowList;
  readonly #notBefore: number;
  readonly #expiresAt: number;
  readonly #overlapEndsAt: number;
  readonly #planned: string | undefined;
  readonly #plannedAt: number;

  private constructor(answer: Decision, keyId: string, permissions: readonly string[], ipAllowList: IpAllowList) {
    this.keyId = keyId;
    this.#answer = withoutConditions(answer);
    this.#permissions = new PermissionSet(permissions);
    this.#ipAllowList = ipAllowList;
    this.#notBefore = answer.notBefore === undefined ? -Infinity : millisOf(answer.notBefore);
    this.#expiresAt = endOf(answer.expiresAt);
    this.#overlapEndsAt = endOf(answer.overlapEndsAt);
    this.#planned = answer.planned?.command;
    this.#plannedAt = endOf(answer.planned?.effectiveAt);
    [answer.owner, answer.metadata, answer.permissions].forEach(Object.freeze); // many callers will see them
  }

  /**
   * Returns what to keep of an answer to a cacheable check, if anything. Nothing is kept of unknown keys; of operators'
   * keys, because they depend on the state of other keys; of an old secret whose end is not known yet; and of what this
   * version does not know.
   */
  static of(answer: Decision): CachedKey | undefined {
    const { keyId, permissions, ipAllowList, generation = 1, currentGeneration = generation } = answer;
    if (keyId === undefined || permissions === undefined || ipAllowList === undefined || !CODES.has(answer.code)) {
      return undefined;
    }
    const mayEndUnseen =
      generation < currentGeneration &&
      answer.overlapEndsAt === undefined &&
      answer.code !== 'REVOKED' &&
      answer.code !== 'ROTATED_OUT';
    if (mayEndUnseen || permissions.some(isOperators) || !permissions.every(isPermission)) {
      return undefined;
    }
    try {
      return new CachedKey(answer, keyId, permissions, new IpAllowList(ipAllowList));
    } catch {
      return undefined; // a form of addresses or times that this version does not know
    }
  }

  /**
   * Returns the decision on a check at a time.
   *
   * @param upTo the position and the time up to which nothing else happened to the key
   */
  decide(question: Question, now: number, upTo: FeedClock, source: Source): Decision {
    const missingPermissions = this.#permissions.missing(question.allOf, question.anyOf);
    const code = this.#code(question, now, missingPermissions);
    const { decidedBy, overlapEndsAt, ...answer } = this.#answer;
    return {
      ...answer,
      ...(code === this.#answer.code && decidedBy !== undefined ? { decidedBy } : {}),
      ...(overlapEndsAt !== undefined && now < this.#overlapEndsAt ? { overlapEndsAt } : {}),
      valid: code === 'VALID',
      code,
      missingPermissions,
      position: Math.max(upTo.position, answer.position),
      asOf: millisOf(upTo.asOf) < millisOf(answer.asOf) ? answer.asOf : upTo.asOf,
      source,
    };
  }

  #code(question: Question, now: number, missing: readonly string[]): DecisionCode {
    const said = this.#answer.code;
    const { generation = 1, currentGeneration = generation } = this.#answer;
    const isInEffect = (command: string): boolean => this.#planned === command && now >= this.#plannedAt;
    if (said === 'REVOKED' || isInEffect('revoke')) {
      return 'REVOKED';
    }
    if (said === 'ROTATED_OUT' || (generation < currentGeneration && now >= this.#overlapEndsAt)) {
      return 'ROTATED_OUT';
    }
    if (said === 'SUSPENDED' || isInEffect('suspend')) {
      return 'SUSPENDED';
    }
    if (now < this.#notBefore) {
      return 'NOT_YET_ACTIVE';
    }
    if (now >= this.#expiresAt) {
      return 'EXPIRED';
    }
    if (question.environment !== 'any' && question.environment !== this.#answer.environment) {
      return 'WRONG_ENVIRONMENT';
    }
    if (!this.#ipAllowList.allows(question.ip)) {
      return 'IP_NOT_ALLOWED';
    }
    return missing.length === 0 ? 'VALID' : 'INSUFFICIENT_PERMISSIONS';
  }
}

/**
 * Follows the live feed, and keeps the clock and the cache up to it. A feed that was lost is resumed where it ended;
 * after {@link RESUME_MAX_MILLIS}, or where that is not possible, another one begins, and everything that was cached is
 * dropped.
 */
class FeedReader {
  readonly #transport: Transport;
  readonly #clock: FeedClock;
  readonly #cache: DecisionCache;
  readonly #maxStalenessMillis: number;
  readonly #now: () => number;
  readonly #closed = new AbortController();
  #lastId: string | undefined;
  #lostMillis = 0;
  #pause = PAUSE_MIN_MILLIS;

  constructor(
    transport: Transport,
    clock: FeedClock,
    cache: DecisionCache,
    maxStalenessMillis: number,
    now: () => number,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#cache = cache;
    this.#maxStalenessMillis = maxStalenessMillis;
    this.#now = now;
    void this.#run();
  }

  close(): void {
    this.#closed.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch {
        this.#lastId = undefined; // an answer that is none of Keyledger's: nothing is known
      }
      this.#clock.lost();
      await paused(withJitter(this.#pause), signal);
      this.#pause = Math.min(2 * this.#pause, PAUSE_MAX_MILLIS);
    }
  }

  /** Follows one connection until it ends. */
  async #follow(): Promise<void> {
    const resumes = this.#lastId !== undefined && this.#now() - this.#lostMillis < RESUME_MAX_MILLIS;
    const lastId = resumes ? this.#lastId : undefined;
    const connection = await connect(this.#transport, {}, lastId, this.#closed.signal);
    if (connection.failure !== undefined) {
      const { kind } = connection.failure;
      if (kind === 'unauthorized' || kind === 'forbidden') {
        this.#forget();
      } else if (kind === 'invalid') {
        this.#lastId = undefined;
      }
    }
    if (connection.messages === undefined) {
      return;
    }
    if (!resumes) {
      this.#clock.reset();
      this.#cache.clear();
      this.#lastId = undefined;
    }
    try {
      await this.#read(connection.messages);
    } finally {
      this.#lostMillis = this.#now();
    }
  }

  async #read(messages: AsyncIterable<Message>): Promise<void> {
    let freshMillis = this.#now();
    for await (const message of messages) {
      if (message.event === 'end') {
        if (OVER.has((JSON.parse(message.data) as FeedEnd).code)) {
          this.#forget();
        }
        return;
      }
      this.#apply(message);
      const now = this.#now();
      if (this.#clock.isFresh(now, this.#maxStalenessMillis)) {
        freshMillis = now;
        this.#pause = PAUSE_MIN_MILLIS;
      } else if (now - freshMillis > LAG_MAX_MILLIS) {
        this.#lastId = undefined;
        return;
      }
    }
  }

  #apply(message: Message): void {
    const data = JSON.parse(message.data) as FeedEvent & FeedHeartbeat;
    if (typeof data.position !== 'number') {
      throw new KeyledgerError('unexpected', 'A message of the feed has no position');
    }
    if (message.event === 'heartbeat') {
      this.#clock.heartbeat(data.position, data.asOf, this.#now());
    } else {
      this.#clock.event(data.position);
      if (data.keyId === undefined) {
        this.#cache.clear();
      } else {
        this.#cache.changed(data.keyId);
      }
    }
    this.#lastId = message.id ?? this.#lastId;
  }

  /** Drops everything, because this client may no longer know it. */
  #forget(): void {
    this.#cache.clear();
    this.#lastId = undefined;
    this.#pause = PAUSE_MAX_MILLIS;
  }
}

/** The codes of a feed that this client may not follow any more. */
const OVER: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'workspace-closed']);

/** The codes of keys that can be judged here. */
const CODES: ReadonlySet<string> = new Set<DecisionCode>([
  'REVOKED',
  'ROTATED_OUT',
  'SUSPENDED',
  'NOT_YET_ACTIVE',
  'EXPIRED',
  'WRONG_ENVIRONMENT',
  'IP_NOT_ALLOWED',
  'INSUFFICIENT_PERMISSIONS',
  'VALID',
]);

/** Returns a decision without what only a cache asked for. */
function withoutConditions(answer: Decision): Decision {
  const { ipAllowList: _list, notBefore: _begin, planned: _plan, ...rest } = answer;
  return rest;
}

function isVisible(key: string): boolean {
  return /^[!-~]{1,4096}$/.test(key);
}

function slotOf(keyId: string): number {
  let hash = 0;
  for (let i = 0; i < keyId.length; i++) {
    hash = (Math.imul(31, hash) + keyId.charCodeAt(i)) | 0;
  }
  return (hash ^ (hash >>> 16)) & (CHANGES - 1);
}

function endOf(time: string | undefined): number {
  return time === undefined ? Infinity : millisOf(time);
}

/** Reads a time of the service, to a part of a microsecond. */
function millisOf(time: string): number {
  const match = /^(.{19})(\.\d{1,9})?Z$/.exec(time);
  const seconds = match === null ? Number.NaN : Date.parse(match[1] + 'Z');
  if (Number.isNaN(seconds)) {
    throw new KeyledgerError('unexpected', 'The answer has something else where a time is due');
  }
  return seconds + 1000 * Number(match?.[2] ?? 0);
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max) || (name === 'entriesMax' && !Number.isInteger(value))) {
    throw new RangeError(`${name} must be ${min} to ${max}`);
  }
}
