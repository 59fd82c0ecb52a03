/** An address of IPv4 or IPv6. An IPv4-mapped IPv6 address is the IPv4 address. */
export interface IpAddress {
  readonly isV4: boolean;
  readonly bits: bigint;
}

const V4_NUMBER = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const V4 = new RegExp(`^${V4_NUMBER}(?:\\.${V4_NUMBER}){3}$`);
const V6_GROUP = /^[0-9A-Fa-f]{1,4}$/;
const GROUPS = 8;
const MAPPED = 0xffffn;
const PREFIX_LENGTH = /^(?:0|[1-9][0-9]{0,2})$/;

/** Reads a literal; undefined if the text is none. Names and zone ids are none. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    return V4.test(text) ? { isV4: true, bits: v4Bits(text) } : undefined;
  }
  const groups = v6Groups(text);
  if (groups === undefined) {
    return undefined;
  }
  const bits = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return bits >> 32n === MAPPED ? { isV4: true, bits: bits & 0xffffffffn } : { isV4: false, bits };
}

/** Reads a literal with or without a port, as proxies write it (RFC 7239, section 6). */
export function parseIpWithPort(text: string): IpAddress | undefined {
  const bracketed = /^\[([^\]]*:[^\]]*)\](?::([0-9]{1,5}))?$/.exec(text);
  const plain = bracketed ?? /^([^:[\]]*):([0-9]{1,5})$/.exec(text);
  if (plain === null) {
    return parseIp(text);
  }
  const [, address = '', port = '0'] = plain;
  return Number(port) <= 65_535 ? parseIp(address) : undefined;
}

/** The addresses from which a key may be used. */
export class IpAllowList {
  readonly #ranges: readonly Range[];

  /**
   * @param texts ranges (CIDR) and addresses; empty: any address
   * @throws TypeError if a text is neither, or the address of a range has bits set beyond the prefix
   */
  constructor(texts: readonly string[]) {
    this.#ranges = texts.map(parseRange);
  }

  /** Whether the list allows an address. An unknown one is allowed only without a list. */
  allows(address: IpAddress | undefined): boolean {
    return (
      this.#ranges.length === 0 ||
      (address !== undefined &&
        this.#ranges.some(
          ({ network, hostBits }) =>
            network.isV4 === address.isV4 && network.bits >> hostBits === address.bits >> hostBits,
        ))
    );
  }
}

interface Range {
  readonly network: IpAddress;
  readonly hostBits: bigint;
}

function parseRange(text: string): Range {
  const slash = text.indexOf('/');
  const network = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (network === undefined) {
    throw new TypeError('must be an IPv4 or IPv6 address or CIDR range');
  }
  if (slash < 0) {
    return { network, hostBits: 0n };
  }
  const prefix = text.slice(slash + 1);
  // In the mapped form the prefix length includes the 96 bits before the IPv4 address.
  const written = network.isV4 && !text.includes(':') ? 32 : 128;
  const hostBits = PREFIX_LENGTH.test(prefix) ? written - Number(prefix) : -1;
  if (hostBits < 0 || hostBits > (network.isV4 ? 32 : 128)) {
    throw new TypeError('the prefix length does not fit the address');
  }
  const range = { network, hostBits: BigInt(hostBits) };
  if ((network.bits >> range.hostBits) << range.hostBits !== network.bits) {
    throw new TypeError('the address has bits set beyond the prefix length');
  }
  return range;
}

function v4Bits(text: string): bigint {
  return text.split('.').reduce((sum, number) => (sum << 8n) | BigInt(number), 0n);
}

function v6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || before === undefined) {
    return undefined;
  }
  const last = after !== undefined && after.length > 0 ? after : before;
  const tail = last.at(-1);
  if (tail !== undefined && (after === undefined || last === after) && V4.test(tail)) {
    const bits = Number(v4Bits(tail));
    last.splice(-1, 1, (bits >>> 16).toString(16), (bits & 0xffff).toString(16));
  }
  const gap = GROUPS - before.length - (after?.length ?? 0);
  if (after === undefined ? gap !== 0 : gap < 1) {
    return undefined;
  }
  const groups = after === undefined ? before : [...before, ...Array<string>(gap).fill('0'), ...after];
  return groups.every((group) => V6_GROUP.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined;
}
