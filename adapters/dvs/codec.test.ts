import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../graph/errors.js';
import { Aedat4Decoder, aedat4Encoder } from './aedat4.js';
import { DVS_INVALID, type EventBlock, type EventDecoder, EventSink, type Geometry } from './events.js';
import { EvtDecoder } from './evt.js';
import { type DvsFormat, eventDecoder, eventEncoder, FORMATS, formatOf } from './formats.js';
import { decompressLz4, xxh32 } from './lz4.js';
import { decompressZstd } from './zstd.js';

const GEOMETRY: Geometry = { width: 346, height: 260 };

const blocks: fc.Arbitrary<EventBlock[]> = fc
  .array(
    fc.array(
      fc.tuple(
        fc.oneof({ weight: 8, arbitrary: fc.nat(300) }, fc.nat(50_000_000)),
        fc.nat(GEOMETRY.width - 1),
        fc.nat(GEOMETRY.height - 1),
        fc.nat(1),
      ),
      { maxLength: 60 },
    ),
    { maxLength: 4 },
  )
  .map((all) => {
    let timeUs = 0;
    return all.map((events) => {
      const sink = new EventSink();
      for (const [step, x, y, on] of events) {
        timeUs += step;
        sink.push(timeUs, x, y, on);
      }
      return sink.take();
    });
  });

const joined = (parts: readonly EventBlock[]): EventBlock => {
  const sink = new EventSink();
  for (const { timesUs, x, y, on } of parts) {
    for (let i = 0; i < x.length; i++) sink.push(timesUs[i], x[i], y[i], on[i]);
  }
  return sink.take();
};

function encoded(format: DvsFormat, parts: readonly EventBlock[]): Uint8Array {
  const encoder = eventEncoder(format, GEOMETRY);
  return Buffer.concat([encoder.head(), ...parts.map((part) => encoder.push(part)), encoder.end()]);
}

function decoded(decoder: EventDecoder, bytes: Uint8Array, piece: number): EventBlock {
  const sink = new EventSink();
  for (let at = 0; at < bytes.length; at += piece) decoder.push(bytes.slice(at, at + piece), sink);
  decoder.end(sink);
  return sink.take();
}

function refusesOrReads(read: () => void): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe(DVS_INVALID);
  }
}

describe.each(FORMATS)('%s', (format) => {
  test('reads what it wrote, in pieces that are cut anywhere', () => {
    fc.assert(
      fc.property(blocks, fc.integer({ min: 1, max: 700 }), (parts, piece) => {
        const decoder = eventDecoder(format);
        expect(decoded(decoder, encoded(format, parts), piece)).toEqual(joined(parts));
        if (format !== 'csv') expect(decoder.geometry).toEqual(GEOMETRY);
      }),
      { numRuns: 60 },
    );
  });

  test('is known by its first bytes', () => {
    expect(formatOf(format === 'csv' ? 'a.csv' : 'a', encoded(format, []))).toBe(format);
  });

  test('never does anything but read or refuse', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(blocks, edits, fc.option(fc.nat()), (parts, changes, cut) => {
        const bytes = encoded(format, parts).slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const part = cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
        refusesOrReads(() => decoded(eventDecoder(format), part, 64));
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        refusesOrReads(() => decoded(eventDecoder(format), bytes, 64));
      }),
    );
  });
});

test('a recording of no known kind is refused by name', () => {
  expect(() => formatOf('a.bin', new Uint8Array(9))).toThrow(
    'a.bin: found neither a known start nor a known ending',
  );
});

describe('EVT', () => {
  const header = '% date 2024-01-01\n% format EVT3;height=720;width=1280\n% end\n';
  const words = (...all: number[]): Uint8Array =>
    Buffer.concat([Buffer.from(header), Buffer.from(Uint16Array.from(all).buffer)]);

  // The example words of docs.prophesee.ai's page of EVT 3.0, by their types.
  test('vectors, one bit for each pixel from the base on', () => {
    const bytes = words(0x8001, 0x6005, 0x0010, 0x3810, 0x4003, 0x5081, 0x2003);
    const { timesUs, x, y, on } = decoded(new EvtDecoder(), bytes, 7);
    expect([...x]).toEqual([16, 17, 28, 35, 3]);
    expect([...on]).toEqual([1, 1, 1, 1, 0]);
    expect(new Set(y)).toEqual(new Set([16]));
    expect(new Set(timesUs)).toEqual(new Set([4096 + 5]));
  });

  test('goes on where the counter starts again, and not back for a word that came late', () => {
    const bytes = words(
      0x8fff,
      0x6ffe,
      0x0001,
      0x2001,
      0x8000,
      0x6001,
      0x2002,
      0x8fff,
      0x2003,
      0x8001,
      0x2004,
    );
    const { timesUs } = decoded(new EvtDecoder(), bytes, 5);
    expect([...timesUs]).toEqual([0xfffffe, 0x1000001, 0x1000001, 0x1001000]);
  });

  test('leaves out events before the first time, and takes its geometry from the header', () => {
    expect(decoded(new EvtDecoder(), words(0x0001, 0x2001), 3).x.length).toBe(0);
    expect(() => decoded(new EvtDecoder(), words(0x8001, 0x0001, 0x2000 | 1281), 3)).toThrow(
      'an event at (1281, 1), expected it within 1280 x 720',
    );
  });

  test('EVT 2.0 words', () => {
    const time = 5 * 64 + 7;
    const bytes = Buffer.concat([
      Buffer.from('% evt 2.0\n% geometry 640x480\n'),
      Buffer.from(
        Uint32Array.of(0x8000_0005, 0x1000_0000 + (7 << 22) + (100 << 11) + 200, 0xa000_0000).buffer,
      ),
    ]);
    expect(decoded(new EvtDecoder(), bytes, 2)).toEqual({
      timesUs: Float64Array.of(time),
      x: Uint16Array.of(100),
      y: Uint16Array.of(200),
      on: Uint8Array.of(1),
    });
  });
});

describe('text', () => {
  const read = (text: string, options = {}): EventBlock =>
    decoded(eventDecoder('csv', options), Buffer.from(text), 5);
  test('columns by name, other separators, other units', () => {
    expect(read('x,y,polarity,label,timestamp\r\n1,2,-1,a,9\r\n')).toEqual(read('9 1 2 0\n'));
    expect(read('# rpg\n0.000009 1 2 0', { unit: 's' })).toEqual(read('t;x;y;p\n9;1;2;false\n'));
  });
  test('columns that say the geometry', () => {
    const decoder = eventDecoder('csv');
    decoded(decoder, Buffer.from('t,x@346,y@260,on\n1,2,3,1\n'), 9);
    expect(decoder.geometry).toEqual(GEOMETRY);
    expect(() => read('t,x@346,y@260,on\n1,346,3,1\n')).toThrow('within 346 x 260');
  });
  test.each([
    ['t,x,y\n', 'line 1: found columns'],
    ['1,2,3,4\n', "line 1: found polarity '4', expected 1, 0 or -1"],
    ['1,2,3,1\n\n-1,2,3,1\n', "line 3: found time '-1'"],
    ['1,2.5,3,1\n', 'found a pixel 2.5'],
    ['1,,3,1\n', "found x '', expected a number"],
    [`1,2,3,1${' '.repeat(9000)}`, 'more than 4096 characters'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('AEDAT4', () => {
  test('network streams have no first line, and other streams are passed over', () => {
    const block = joined([
      { timesUs: Float64Array.of(5), x: Uint16Array.of(1), y: Uint16Array.of(2), on: Uint8Array.of(1) },
    ]);
    const encoder = aedat4Encoder(GEOMETRY, { network: true });
    const other = Uint8Array.of(9, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3);
    const bytes = Buffer.concat([encoder.head(), other, encoder.push(block), other]);
    expect(decoded(new Aedat4Decoder({ network: true }), bytes, 11)).toEqual(block);
    expect(() => decoded(new Aedat4Decoder({ network: true, stream: 3 }), bytes, 11)).toThrow(
      'found streams 0 (EVTS), expected stream 3 of events',
    );
    expect(() => decoded(new Aedat4Decoder(), bytes, 11)).toThrow('#!AER-DAT4.0');
  });

  test('a description of nodes within nodes within nodes is refused', () => {
    const source = '<node name="outInfo">'.repeat(65);
    const head = aedat4Encoder(GEOMETRY, { network: true, source }).head();
    expect(() => new Aedat4Decoder({ network: true }).push(head, new EventSink())).toThrow(
      'found more than 64 nodes within each other',
    );
  });
});

/** An LZ4 frame of one block with one match, written out by hand from the specification. */
const LZ4 = Uint8Array.of(
  ...[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
  ...[0x0c, 0, 0, 0, 0x34, 0x61, 0x62, 0x63, 3, 0, 0x50, 0x78, 0x78, 0x78, 0x78],
  ...[0x78, 0, 0, 0, 0],
);

/** What the reference libraries make of the same text, with all their checksums. */
const TEXT = Array.from({ length: 120 }, (_, i) => `${(i * i) % 97},`).join('');
const ZSTD_OF_LIBRARY = Buffer.from(
  'KLUv/WRTAJUEAJKLFQuwtQ1k0k2SYCWZB2+57kIaCw/CRnCdFD0lIte1jA5FeMIVHjrqTpsxye2ltydeL5pcZqIDn06DWeqQV4vcOmZuEI54avbFnOEgC49HSy+58fDuWt4gFgC8WDmA7Uu3xWhbk9o6pAnjWTSYRSNZCMbuMqwxwJbAsZiMxVgsZEIYEKJRFQ2pED4DZV5Q2Dopt2+Wyg==',
  'base64',
);
const LZ4_OF_LIBRARY = Buffer.from(
  'BCJNGHxAUwEAAAAAAACvEwEAAPHBMCwxLDQsOSwxNiwyNSwzNiw0OSw2NCw4MSwzLDI0LDQ3LDcyLDIsMzEsNjIsOTUsMzMsNzAsMTIsNTMsOTYsNDQsOTEsNDMsOTQsNTAsOCw2NSwyNyw4OCw1NCwyMiw4OSw2MSwzNSwxMSw4Niw2Niw0OCwzMiwxOCw2LDkzLDg1LDc5LDc1LDczLDczLDc1LDc5LDg1LDkzLDYsMTgsMzIsNDgsNjYsODYsMTEsMzUsNjEsODksMjIsNTQsODgsMjcsNjUsOCw1MCw5NCw0M48AEDSbACA1M6cAIDcwswAgOTW/AEAzMSwyzwAgNDfbABAz5QAgNjTxABEz/QCfMTYsOSw0LDEsFAEnUDMsOTYspCbgTgAAAAASoCxS',
  'base64',
);

describe('compression', () => {
  test('frames of the reference libraries', () => {
    expect(Buffer.from(decompressZstd(ZSTD_OF_LIBRARY, 1000)).toString()).toBe(TEXT);
    expect(Buffer.from(decompressLz4(LZ4_OF_LIBRARY, 1000)).toString()).toBe(TEXT);
    expect(() => decompressZstd(ZSTD_OF_LIBRARY, 338)).toThrow('339 bytes of content, expected 338 at most');
    expect(() => decompressLz4(LZ4_OF_LIBRARY, 338)).toThrow('more than 338 bytes of content');
  });

  test('XXH32 of its specification', () => {
    expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
    expect(xxh32(Buffer.from('a'))).toBe(0x550d7456);
    expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f);
  });

  test('an LZ4 frame with a match that overlaps itself', () => {
    const frame = LZ4.slice();
    expect(Buffer.from(decompressLz4(frame, 1000)).toString()).toBe('abcabcabcabxxxxx');
    expect(() => decompressLz4(frame, 10)).toThrow('more than 10 bytes of content');
  });

  test('changed frames are read or refused', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(edits, fc.boolean(), (changes, lz4) => {
        const frame = Uint8Array.from(lz4 ? LZ4_OF_LIBRARY : ZSTD_OF_LIBRARY);
        for (const [at, value] of changes) frame[at % frame.length] = value;
        refusesOrReads(() => void (lz4 ? decompressLz4(frame, 1 << 20) : decompressZstd(frame, 1 << 20)));
      }),
      { numRuns: 2000 },
    );
  });
});
