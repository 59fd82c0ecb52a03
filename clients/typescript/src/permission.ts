/** The maximum number of permissions that a check may require in each of `anyOf` and `allOf`. */
export const REQUIRED_MAX = 100;

const LENGTH_MAX = 255;
const GRANT_LENGTH_MAX = 280;
const RESERVED = 'keyledger';
const OWN = 'keyledger:';
const GRANT = 'keyledger:grant:';
const SELF = 'keyledger:self:';
const TOKENS = /^[!#-+\x2d-\x5b\x5d-~]+$/;
const WHOLE_WILDCARDS = /^(?:[^*:./]*|\*)(?:[:./](?:[^*:./]*|\*))*$/;

/** Whether a text is a permission or a pattern of permissions, as the service reads them. */
export function isPermission(text: string): boolean {
  const lengthMax = text.startsWith(GRANT) ? GRANT_LENGTH_MAX : LENGTH_MAX;
  return text.length <= lengthMax && TOKENS.test(text) && WHOLE_WILDCARDS.test(text);
}

/**
 * Returns permissions that a check requires.
 *
 * @throws TypeError if one is no permission or has a wildcard, or there are more than {@link REQUIRED_MAX}
 */
export function required(texts: readonly string[] | undefined): readonly string[] {
  if (texts === undefined) {
    return [];
  }
  if (texts.length > REQUIRED_MAX) {
    throw new TypeError(`a check may require at most ${REQUIRED_MAX} permissions`);
  }
  for (const text of texts) {
    if (typeof text !== 'string' || !isPermission(text)) {
      throw new TypeError('a required permission must be a permission');
    }
    if (text.includes('*')) {
      throw new TypeError('a required permission must not contain *');
    }
  }
  return texts;
}

/** Whether a permission makes its key an operator's, whose checks depend on the state of other keys. */
export function isOperators(permission: string): boolean {
  return permission.startsWith(OWN) && !permission.startsWith(SELF);
}

/** Whether a permission or pattern matches every permission that the other one matches. */
export function covers(pattern: string, other: string): boolean {
  if (pattern === 'keyledger:*') {
    return other.startsWith(OWN);
  }
  if (pattern.startsWith(GRANT) || other.startsWith(GRANT)) {
    return pattern.startsWith(GRANT) && other.startsWith(GRANT) && coversFrom(pattern, other, GRANT.length);
  }
  return coversFrom(pattern, other, 0);
}

/** `*` needs no look-ahead, because it is always a whole segment. */
function coversFrom(pattern: string, other: string, from: number): boolean {
  let o = from;
  for (let p = from; p < pattern.length; p++) {
    if (pattern[p] !== '*') {
      if (other[o] !== pattern[p]) {
        return false;
      }
      o++;
      continue;
    }
    if (p === from && isReserved(other, from)) {
      return false;
    }
    if (p === pattern.length - 1) {
      return p === from || hasNoEmptySegment(other, o);
    }
    const end = segmentEnd(other, o);
    if (end === o) {
      return false;
    }
    o = end;
  }
  return o === other.length;
}

function hasNoEmptySegment(text: string, from: number): boolean {
  for (let start = from, end; (end = segmentEnd(text, start)) > start; start = end + 1) {
    if (end === text.length) {
      return true;
    }
  }
  return false;
}

function isReserved(text: string, from: number): boolean {
  return text.slice(from, segmentEnd(text, from)).toLowerCase() === RESERVED;
}

function segmentEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isSeparator(text[end])) {
    end++;
  }
  return end;
}

function isSeparator(character: string | undefined): boolean {
  return character === ':' || character === '.' || character === '/';
}

/** The permissions of a key, prepared for checks. Each pattern is considered alone. */
export class PermissionSet {
  readonly #literals: Set<string>;
  readonly #patterns: string[];

  constructor(permissions: readonly string[]) {
    this.#literals = new Set(permissions.filter((permission) => !permission.includes('*')));
    this.#patterns = permissions.filter((permission) => permission.includes('*'));
  }

  holds(permission: string): boolean {
    return this.#literals.has(permission) || this.#patterns.some((pattern) => covers(pattern, permission));
  }

  /**
   * Returns what a holder lacks, each permission once: those of `allOf` that it does not hold, then all of `anyOf` if it
   * holds none of them.
   */
  missing(allOf: readonly string[], anyOf: readonly string[]): string[] {
    const missing = allOf.filter((permission) => !this.holds(permission));
    if (!anyOf.some((permission) => this.holds(permission))) {
      missing.push(...anyOf);
    }
    return [...new Set(missing)];
  }
}
