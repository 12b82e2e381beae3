'use strict';

// The data types of the protocol: where their typed contents are, how wide an element is, and the
// values at the edges of each. Integers are strings or numbers, BYTES are Buffers.

const integer = (list, width, signed) => {
  const bits = BigInt(8 * width);
  const least = signed ? -(1n << (bits - 1n)) : 0n;
  const most = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  const typed = (big) => (width === 8 ? big.toString() : Number(big));
  return {
    list,
    width,
    edges: [0n, 1n, least, least + 1n, most - 1n, most].map(typed),
    random: (next) => {
      let big = 0n;
      for (let i = 0; i < width; i++) big = (big << 8n) | BigInt(next() & 255);
      return typed(big + least);
    },
    tooLarge: width < 4 ? typed(most + 1n) : undefined,
    raw: (values) => {
      const bytes = Buffer.alloc(values.length * width);
      values.forEach((value, at) => {
        let big = BigInt.asUintN(8 * width, BigInt(value));
        for (let i = 0; i < width; i++) {
          bytes[at * width + i] = Number(big & 255n);
          big >>= 8n;
        }
      });
      return bytes;
    },
  };
};

const floating = (list, width, edges) => {
  const write = width === 4 ? 'writeFloatLE' : 'writeDoubleLE';
  const raw = (values) => {
    const bytes = Buffer.alloc(values.length * width);
    values.forEach((value, at) => bytes[write](value, at * width));
    return bytes;
  };
  const round = width === 4 ? Math.fround : (value) => value;
  return {
    list,
    width,
    edges: edges.map(round),
    random: (next) => round((next() - 128) * Math.pow(2, (next() % 60) - 30)),
    raw,
  };
};

const text = {
  list: 'bytes_contents',
  edges: ['', 'plain', 'été', '中文', ' two\nlines\t', '\u0001\uffff'].map((t) => Buffer.from(t, 'utf8')),
  random: (next) => Buffer.from('é'.repeat(next() % 9) + next(), 'utf8'),
  raw: (values) =>
    Buffer.concat(
      values.flatMap((value) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(value.length);
        return [length, value];
      }),
    ),
};

const bool = {
  list: 'bool_contents',
  width: 1,
  edges: [true, false, false, true, true, false],
  random: (next) => next() % 2 === 1,
  raw: (values) => Buffer.from(values.map((value) => (value ? 1 : 0))),
};

// Bits in the place of numbers: the protocol knows no typed contents of it.
const half = {
  width: 2,
  edges: [0x0000, 0x8000, 0x3c00, 0x7c00, 0x0001, 0xfbff, 0x7e01],
  random: (next) => (next() << 8) | next(),
  raw: (values) => {
    const bytes = Buffer.alloc(values.length * 2);
    values.forEach((value, at) => bytes.writeUInt16LE(value, at * 2));
    return bytes;
  },
};

exports.types = {
  BOOL: bool,
  UINT8: integer('uint_contents', 1, false),
  UINT16: integer('uint_contents', 2, false),
  UINT32: integer('uint_contents', 4, false),
  UINT64: integer('uint64_contents', 8, false),
  INT8: integer('int_contents', 1, true),
  INT16: integer('int_contents', 2, true),
  INT32: integer('int_contents', 4, true),
  INT64: integer('int64_contents', 8, true),
  FP32: floating('fp32_contents', 4, [0, -0, 1.1, Infinity, -3.4028235e38, 1e-45, NaN]),
  FP64: floating('fp64_contents', 8, [0, -0, 1.1, -Infinity, 1.7976931348623157e308, 5e-324, NaN]),
  BYTES: text,
};

exports.half = half;

/** Whole numbers 0..255 that are the same in every run. */
exports.numbers = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
};
