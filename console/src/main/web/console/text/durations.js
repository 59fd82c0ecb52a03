/** Durations as people type them: `90 days`, `1 hour 30 minutes`. */
import {durationMillis, durationWords} from './time.js';

const UNITS = /** @type {Record<string, string>} */ ({w: 'W', d: 'D', h: 'H', m: 'M', s: 'S'});
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
    const unit = part ? UNITS[part[2][0].toLowerCase()] : '';
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
