/** Gives the reader a file. */

const KEPT_MILLIS = 60_000;

/**
 * Lets the browser save something that is already here; no request is made.
 *
 * @param {string} name of the file
 * @param {Blob} content
 */
export function save(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MILLIS);
}
