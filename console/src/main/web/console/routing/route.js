/**
 * Addresses in the console: the fragment has the path of the page and its filters, as in
 * `#/keys?status=active`. No server sees the fragment, so no log has what somebody searched for.
 */

/**
 * @typedef {object} Route
 * @property {string} path
 * @property {URLSearchParams} params
 */

/** Returns the address of now. @returns {Route} */
export function currentRoute() {
  const [path, query = ''] = location.hash.slice(1).split('?', 2);
  return {path: path || '/', params: new URLSearchParams(query)};
}

/** @typedef {Record<string, string | string[] | undefined | null>} Query absent and empty values are left out */

/** Returns an address, for links. @param {string} path @param {Query} [params] */
export function linkTo(path, params = {}) {
  return `#${withQuery(path, params)}`;
}

/** Returns a path with a query. @param {string} path @param {Query} query */
export function withQuery(path, query) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) {
        params.append(name, one);
      }
    }
  }
  return params.size > 0 ? `${path}?${params}` : path;
}

/**
 * Goes to an address.
 *
 * @param {string} link of `linkTo`
 * @param {{replace?: boolean}} [options] whether the address takes the place of that of now
 */
export function goTo(link, {replace = false} = {}) {
  if (link === location.hash) {
    return;
  }
  if (replace) {
    history.replaceState(null, '', link);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    location.hash = link;
  }
}

/**
 * Returns the parameters in a path, or null if it is not of that form.
 *
 * @param {string} pattern such as `/keys/:keyId`
 * @param {string} path
 * @returns {Record<string, string> | null}
 */
export function match(pattern, path) {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) {
    return null;
  }
  /** @type {Record<string, string>} */
  const values = {};
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith(':')) {
      values[segment.slice(1)] = given[i];
    } else if (segment !== given[i]) {
      return null;
    }
  }
  return values;
}
