/** Addresses and ranges (CIDR) of IPv4 and IPv6, as they are typed. */

const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** Returns what is wrong with an address or range; empty if nothing is. @param {string} text */
export function complaintAboutRange(text) {
  const [address, length, ...rest] = text.split('/');
  const bits = IPV4.test(address) ? 32 : isIpv6(address) ? 128 : 0;
  if (bits === 0 || rest.length > 0) {
    return `${text} is neither an address nor a range such as 203.0.113.0/24 or 2001:db8::/32.`;
  }
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > bits)) {
    return `${text}: the length of the range is 0 to ${bits}.`;
  }
  return '';
}

/** Lets the browser read the address as part of a URL. @param {string} text */
function isIpv6(text) {
  return /^[0-9a-fA-F:.]+$/.test(text) && text.includes(':') && URL.canParse(`ftp://[${text}]/`);
}
