/**
 * Permissions and the patterns that cover them, as docs/permissions.md defines them. The console only
 * previews with this: Keyledger itself decides.
 */

const SEPARATORS = /[:./]/;
const PERMISSION = /^([!#-)+0-9;-[\]-~-]*|\*)([:./]([!#-)+0-9;-[\]-~-]*|\*))*$/;
const LENGTH_MAX = 280;

/** Returns what is wrong with a permission; empty if nothing is. @param {string} permission */
export function complaintAbout(permission) {
  if (permission === '' || permission.length > LENGTH_MAX) {
    return `A permission has 1 to ${LENGTH_MAX} characters.`;
  }
  if (/[\s,"\\]/.test(permission) || !/^[!-~]+$/.test(permission)) {
    return 'A permission has visible ASCII characters, without spaces, commas, quotes and backslashes.';
  }
  return PERMISSION.test(permission) ? '' : 'A star stands for a whole segment, as in read:*.';
}

/** @param {string} permission */
function segmentsOf(permission) {
  return {names: permission.split(SEPARATORS), separators: [...permission].filter((c) => SEPARATORS.test(c))};
}

/**
 * Returns whether a pattern covers a permission: a star at the end stands for one or more segments,
 * elsewhere for exactly one.
 *
 * @param {string} pattern
 * @param {string} permission without stars
 */
export function covers(pattern, permission) {
  const {names, separators} = segmentsOf(pattern);
  const given = segmentsOf(permission);
  const isReserved = given.names[0].toLowerCase() === 'keyledger';
  if (isReserved && names[0] === '*') {
    return false;
  }
  if (pattern === '*') {
    return true;
  }
  const isOpen = names.length > 1 && names.at(-1) === '*';
  if (isOpen ? given.names.length < names.length : given.names.length !== names.length) {
    return false;
  }
  const fixed = isOpen ? names.length - 1 : names.length;
  for (let i = 0; i < fixed; i++) {
    if (names[i] !== '*' && names[i] !== given.names[i]) {
      return false;
    }
    if (i + 1 < fixed && separators[i] !== given.separators[i]) {
      return false;
    }
  }
  return !isOpen || fixed === 0 || separators[fixed - 1] === given.separators[fixed - 1];
}
