/** Requests as commands for a shell. The key is never part of them: they name `$KEY`. */

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Returns the command that makes a request.
 *
 * @param {string} method
 * @param {string} url absolute
 * @param {Record<string, string>} headers without the credential
 * @param {unknown} [body]
 */
export function curlOf(method, url, headers, body) {
  const parts = [`curl -s ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`];
  parts.push('-H "Authorization: Bearer $KEY"');
  for (const [name, value] of Object.entries(headers)) {
    parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (body !== undefined) {
    parts.push(`-d ${quoted(JSON.stringify(body))}`);
  }
  return parts.join(' \\\n  ');
}
