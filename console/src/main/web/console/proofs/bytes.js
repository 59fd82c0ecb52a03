/** Bytes, as proofs write them. */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** Whether the browser offers WebCrypto to this page: over HTTPS, or from the machine itself. */
export function hasWebCrypto() {
  return globalThis.crypto?.subtle !== undefined;
}

/** @param {string} base64 @returns {Bytes} */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** @param {string} text @returns {Bytes} */
export function utf8(text) {
  return /** @type {Bytes} */ (new TextEncoder().encode(text));
}

/** @param {...Bytes} parts @returns {Bytes} */
export function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** @param {...Bytes} parts @returns {Promise<Bytes>} */
export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
}

/** @param {Bytes} a @param {Bytes} b */
export function areSame(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** @param {Bytes} bytes */
export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
