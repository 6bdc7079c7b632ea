/** Formats of recordings by their names, endings and first bytes. Pure. */
import { AEDAT4_MAGIC, Aedat4Decoder, aedat4Encoder } from './aedat4.js';
import { CsvDecoder, csvEncoder, type TimeUnit } from './csv.js';
import { ES_MAGIC, EsDecoder, esEncoder } from './es.js';
import { type EventDecoder, type EventEncoder, type Geometry, invalidDvs } from './events.js';
import { EvtDecoder, evtEncoder } from './evt.js';

export const FORMATS = ['aedat4', 'evt2', 'evt3', 'es', 'csv'] as const;
export type DvsFormat = (typeof FORMATS)[number];

export interface DecoderOptions {
  /** For formats whose files don't say it. */
  readonly geometry?: Geometry;
  /** Of AEDAT4: which stream of events; the first when undefined. */
  readonly stream?: number;
  /** Of text. */
  readonly unit?: TimeUnit;
  /** A live stream over a network instead of a file. */
  readonly network?: boolean;
}

export function eventDecoder(
  format: DvsFormat,
  { geometry, stream, unit, network }: DecoderOptions = {},
): EventDecoder {
  const known = geometry === undefined ? {} : { geometry };
  switch (format) {
    case 'aedat4':
      return new Aedat4Decoder({ ...(stream === undefined ? {} : { stream }), network: network === true });
    case 'evt2':
      return new EvtDecoder({ ...known, version: 2 });
    case 'evt3':
      return new EvtDecoder({ ...known, version: 3 });
    case 'es':
      return new EsDecoder();
    case 'csv':
      return new CsvDecoder({ ...known, ...(unit === undefined ? {} : { unit }) });
  }
}

export function eventEncoder(format: DvsFormat, geometry: Geometry): EventEncoder {
  switch (format) {
    case 'aedat4':
      return aedat4Encoder(geometry);
    case 'evt2':
      return evtEncoder(2, geometry);
    case 'evt3':
      return evtEncoder(3, geometry);
    case 'es':
      return esEncoder(geometry);
    case 'csv':
      return csvEncoder();
  }
}

/** How many of a file's first bytes say its format. */
export const FIRST_BYTES = 1024;

/** @throws InputError DVS_INVALID when neither the first bytes nor the name's ending say it */
export function formatOf(path: string, first: Uint8Array): DvsFormat {
  const starts = (magic: Uint8Array): boolean => magic.every((byte, i) => first[i] === byte);
  if (starts(AEDAT4_MAGIC)) return 'aedat4';
  if (starts(ES_MAGIC)) return 'es';
  const text = String.fromCharCode(...first.subarray(0, FIRST_BYTES));
  const evt = /^(?:%.*\r?\n)*?%\s*(?:evt\s+|format\s+EVT)([23])(?:\.0)?\b/i.exec(text);
  if (evt !== null) return evt[1] === '2' ? 'evt2' : 'evt3';
  if (/\.(csv|txt|tsv)$/i.test(path)) return 'csv';
  throw invalidDvs(path, `neither a known start nor a known ending, expected format: ${FORMATS.join(', ')}`);
}
