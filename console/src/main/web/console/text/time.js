/** Times and durations in words. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The largest unit first; each is used from twice its length on, so that no word is too coarse. */
const UNITS = /** @type {const} */ ([
  ['year', 365.25 * DAY],
  ['month', 30.44 * DAY],
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
]);

/** How far the clock of Keyledger is ahead of ours, as far as answers tell: at most a second less. */
let aheadMillis = 0;

/** @param {string | null} date of an answer */
export function learnServerTime(date) {
  aheadMillis = Date.parse(date ?? '') - Date.now() || 0;
}

/** Returns a time that has come for Keyledger too, whatever our clock says. */
export function serverNow() {
  return new Date(Date.now() + aheadMillis);
}

const DATE = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium'});
const FULL = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

/**
 * Returns a span in words, such as `3 weeks`.
 *
 * @param {number} millis
 */
export function spanWords(millis) {
  const span = Math.abs(millis);
  const [name, length] = UNITS.find(([, unit]) => span >= 2 * unit) ?? ['second', SECOND];
  return countOf(Math.floor(span / length), name);
}

/** Returns a number of things, such as `1 key` or `1,200 keys`. @param {number} count @param {string} noun */
export function countOf(count, noun) {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * Returns how far a time is from now, such as `in 3 weeks` or `5 minutes ago`.
 *
 * @param {Date} time
 */
export function relativeWords(time) {
  const millis = time.getTime() - serverNow().getTime();
  if (Math.abs(millis) < 2 * SECOND) {
    return 'now';
  }
  return millis < 0 ? `${spanWords(millis)} ago` : `in ${spanWords(millis)}`;
}

/** @param {Date} time */
export function dateText(time) {
  return DATE.format(time);
}

/** @param {Date} time */
export function fullText(time) {
  return FULL.format(time);
}

/** Returns a time as Keyledger wrote it, in UTC. @param {string} time */
export function utcText(time) {
  return time.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

/** Returns a time in the reader's zone and in UTC, for where the pointer rests. @param {string} time */
export function titleOf(time) {
  return `${fullText(new Date(time))} — ${utcText(time)}`;
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Returns the length of an ISO 8601 duration of weeks, days and time; NaN if it is none.
 *
 * @param {string} duration
 */
export function durationMillis(duration) {
  const parts = DURATION.exec(duration);
  if (!parts) {
    return NaN;
  }
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return weeks * 7 * DAY + days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
}

/**
 * Returns a duration in words, exactly: `P90D` is `90 days`, `PT1H30M` is `1 hour 30 minutes`.
 *
 * @param {string} duration
 */
export function durationWords(duration) {
  let millis = durationMillis(duration);
  if (Number.isNaN(millis)) {
    return duration;
  }
  if (millis === 0) {
    return 'no time';
  }
  const words = [];
  for (const [name, length] of /** @type {[string, number][]} */ (
      [['day', DAY], ['hour', HOUR], ['minute', MINUTE], ['second', SECOND]])) {
    const count = Math.floor(millis / length);
    millis -= count * length;
    if (count > 0) {
      words.push(countOf(count, name));
    }
  }
  return words.join(' ') || 'less than a second';
}

/** Returns the time that a text names; null if it names none. @param {string | null} text */
export function timeOf(text) {
  const time = new Date(text ?? NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** Returns a time for a `datetime-local` input, in the reader's zone; empty for none. @param {Date | null} time */
export function localInput(time) {
  if (!time) {
    return '';
  }
  const local = new Date(time.getTime() - time.getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}

const UNIT_LETTERS = /** @type {Record<string, string>} */ ({w: 'W', d: 'D', h: 'H', m: 'M', s: 'S'});
const PART = /^(\d+(?:\.\d+)?)\s*(weeks?|days?|hours?|minutes?|min|seconds?|[wdhms])(?![a-z])\s*/i;

/** What a field for a duration should say when it is wrong. */
export const DURATION_HINT = 'such as 90 days, 12 hours or 1 day 30 minutes';

/**
 * Returns the ISO 8601 duration that a text means; null if it means none.
 *
 * @param {string} text in words, or already in ISO 8601
 */
export function durationOf(text) {
  let rest = text.trim();
  if (/\d/.test(rest) && !Number.isNaN(durationMillis(rest))) {
    return rest;
  }
  if (rest === durationWords('PT0S')) {
    return 'PT0S';
  }
  const counts = /** @type {Record<string, string>} */ ({});
  while (rest) {
    const part = PART.exec(rest);
    const unit = part ? UNIT_LETTERS[part[2][0].toLowerCase()] : '';
    if (!part || counts[unit]) {
      return null;
    }
    counts[unit] = part[1] + unit;
    rest = rest.slice(part[0].length).replace(/^(,|and)\s*/, '');
  }
  const date = (counts.W ?? '') + (counts.D ?? '');
  const time = (counts.H ?? '') + (counts.M ?? '') + (counts.S ?? '');
  const duration = `P${date}${time && `T${time}`}`;
  return Number.isNaN(durationMillis(duration)) || duration === 'P' ? null : duration;
}
