import type { Random } from '../../shared/random.js';

const BAD_UTF8: readonly [number[], ...number[][]] = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x80],
  [0xf0, 0x9f, 0x98],
];

/** Changes the bytes of a JSON text: its content, its notation, its encoding or its length. */
export function mutateText(random: Random, bytes: Buffer): Buffer {
  const at = random.integer(0, bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const text = bytes.toString('utf8');
  return random.pick<() => Buffer>([
    () => before,
    () => after,
    () => Buffer.concat([before, Buffer.from(random.pick(BAD_UTF8)), after]),
    () =>
      Buffer.concat([
        before,
        Buffer.from(random.pick(['\0', '"', '\\', '{', ']', ',', '\n', '\\u12', '//', 'e'])),
        after,
      ]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text, 'latin1'),
    () =>
      Buffer.from(text.replace(/:/, `:${random.pick(['1e400,"x":', 'NaN,"x":', '-,"x":', '01,"x":', '0x1,"x":'])}`)),
    () => Buffer.from(text.replace(/\{/, '{"type":"user_message","type":1,"cwd":"/",')),
    () => Buffer.from(text.replace(/"/g, "'")),
    () => Buffer.from(text.replace(/\}/, ',}')),
    () => Buffer.from(`${text}${text}`),
    () => Buffer.from(` \n\t${text}\r\n `),
    () => Buffer.from('[', 'utf8'),
    () => Buffer.from('['.repeat(random.pick([65, 5_000, 100_000]))),
    () => Buffer.from(`{"a":`.repeat(random.pick([65, 5_000]))),
    () => Buffer.from(random.pick(['null', 'true', '0', '""', '[]', '{}', '', ' ', 'undefined', '<x/>', 'a=b'])),
    () => Buffer.concat([bytes, Buffer.alloc(random.pick([1, 1_000, 20_000]), 0x20)]),
    () => flip(random, bytes),
  ])();
}

/** Flips one bit. */
export function flip(random: Random, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  if (flipped.length === 0) return flipped;
  const at = random.integer(0, flipped.length - 1);
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.integer(0, 7)), at);
  return flipped;
}

/** A body that is larger than the server accepts. Only its length is wrong. */
export function oversize(random: Random, bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(random.pick([1_048_576, 1_048_577, 3_000_000]), 0x20)]);
}
