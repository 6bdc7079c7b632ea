/**
 * Prophesee's raw formats EVT 2.0 and EVT 3.0, and the text header of `.raw` files. Pure.
 *
 * Events before the first word that says the time have no time, and are left out, as by the vendor's reader. Triggers and words that aren't
 * events of pixels are passed over. Times are unwrapped: they go on where the format's counter starts again.
 *
 * @see https://docs.prophesee.ai/stable/data/encoding_formats/evt2.html
 * @see https://docs.prophesee.ai/stable/data/encoding_formats/evt3.html
 * @see https://docs.prophesee.ai/stable/data/file_formats/raw.html
 */
import {
  ByteSink,
  checkPixel,
  type EventDecoder,
  type EventEncoder,
  type EventSink,
  type Geometry,
  invalidDvs,
} from './events.js';

type Version = 2 | 3;
const broken = (found: string) => invalidDvs('Prophesee raw', found);

/** Both formats number pixels with 11 bits. */
export const LARGEST_SIDE = 2048;
const LONGEST_LINE = 1024;
const MOST_LINES = 256;

/** The header of a `.raw` file, lines that start with `%`, and then its words. */
export class EvtDecoder implements EventDecoder {
  #geometry: Geometry | undefined;
  #version: Version | undefined;
  #words: WordReader | undefined;
  #line: number[] = [];
  #lines = 0;

  /** @param known What a file without a header has, or one whose header doesn't say it. */
  constructor(known: { readonly geometry?: Geometry; readonly version?: Version } = {}) {
    this.#geometry = known.geometry;
    this.#version = known.version;
  }

  get geometry(): Geometry | undefined {
    return this.#geometry;
  }

  push(bytes: Uint8Array, sink: EventSink): void {
    let at = 0;
    while (this.#words === undefined && at < bytes.length) at = this.#header(bytes, at);
    this.#words?.push(bytes.subarray(at), sink);
  }

  end(): void {
    if (this.#words === undefined && this.#line.length > 0) throw broken('its end within the header');
    this.#words?.end();
  }

  /** Takes one byte of the header; the first that isn't of it starts the words. */
  #header(bytes: Uint8Array, at: number): number {
    if (this.#line.length === 0 && bytes[at] !== 0x25) {
      this.#begin();
      return at;
    }
    const byte = bytes[at];
    if (byte !== 0x0a) {
      this.#line.push(byte);
      if (this.#line.length > LONGEST_LINE)
        throw broken(`a line of more than ${LONGEST_LINE} bytes in its header`);
      return at + 1;
    }
    const text = String.fromCharCode(...this.#line.slice(1)).trim();
    this.#line = [];
    if (++this.#lines > MOST_LINES) throw broken(`more than ${MOST_LINES} lines in its header`);
    if (text === 'end') this.#begin();
    else this.#read(text);
    return at + 1;
  }

  #begin(): void {
    if (this.#version === undefined)
      throw broken(`no version in its header, expected '% evt 2.0' or '% evt 3.0'`);
    this.#words = new WordReader(this.#version, this.#geometry);
  }

  /** `format EVT3;height=720;width=1280`, `evt 3.0`, `geometry 1280x720`; other lines are the recorder's. */
  #read(text: string): void {
    const format = /^format\s+EVT\s*(\d(?:\.\d)?)/i.exec(text) ?? /^evt\s+(\d(?:\.\d)?)/i.exec(text);
    if (format !== null) this.#version = versionOf(format[1]);
    const geometry = /^geometry\s+(\d{1,5})x(\d{1,5})$/i.exec(text);
    const width = /^format\b.*\bwidth=(\d{1,5})\b/i.exec(text) ?? undefined;
    const height = /^format\b.*\bheight=(\d{1,5})\b/i.exec(text) ?? undefined;
    if (geometry !== null) this.#geometry = sizes(Number(geometry[1]), Number(geometry[2]));
    if (width !== undefined && height !== undefined)
      this.#geometry = sizes(Number(width[1]), Number(height[1]));
  }
}

function versionOf(text: string): Version {
  if (text === '2' || text === '2.0') return 2;
  if (text === '3' || text === '3.0') return 3;
  throw broken(`EVT ${text}, expected EVT 2.0 or 3.0`);
}

function sizes(width: number, height: number): Geometry {
  if (Math.min(width, height) < 1 || Math.max(width, height) > LARGEST_SIDE) {
    throw broken(`a geometry of ${width}x${height}, expected 1x1 to ${LARGEST_SIDE}x${LARGEST_SIDE}`);
  }
  return { width, height };
}

/** Words of 16 or 32 bits from pieces that are cut anywhere. */
class WordReader {
  readonly #bytes: number;
  readonly #take: (word: number, sink: EventSink) => void;
  #word = 0;
  #have = 0;

  constructor(version: Version, geometry: Geometry | undefined) {
    this.#bytes = version === 2 ? 4 : 2;
    const within = geometry ?? { width: LARGEST_SIDE, height: LARGEST_SIDE };
    const reader = version === 2 ? new Evt2(within) : new Evt3(within);
    this.#take = (word, sink) => reader.take(word, sink);
  }

  push(bytes: Uint8Array, sink: EventSink): void {
    for (const byte of bytes) {
      this.#word += byte * 2 ** (8 * this.#have);
      if (++this.#have < this.#bytes) continue;
      this.#take(this.#word, sink);
      this.#word = 0;
      this.#have = 0;
    }
  }

  end(): void {
    if (this.#have > 0) throw broken(`its end within a word of ${this.#bytes} bytes`);
  }
}

/**
 * The high part of a clock that wraps. A step of almost a turn is a small step back (words that overtook each other), which is left out.
 */
class HighTime {
  readonly #bits: number;
  readonly #slack: number;
  #last: number | undefined;
  #whole = 0;

  constructor(bits: number, slack: number) {
    this.#bits = bits;
    this.#slack = slack;
  }

  /** Undefined before the first. */
  get whole(): number | undefined {
    return this.#last === undefined ? undefined : this.#whole;
  }

  /** Whether time went on. */
  next(high: number): boolean {
    const turn = 2 ** this.#bits;
    if (this.#last === undefined) {
      this.#last = high;
      this.#whole = high;
      return true;
    }
    const step = (high - this.#last + turn) % turn;
    if (step === 0 || step >= turn - this.#slack) return false;
    this.#last = high;
    this.#whole += step;
    return true;
  }
}

/** Four bits of type, six of time, eleven each of x and y. */
class Evt2 {
  readonly #geometry: Geometry;
  readonly #high = new HighTime(28, 1 << 16);

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  take(word: number, sink: EventSink): void {
    const type = Math.floor(word / 2 ** 28);
    if (type === 8) this.#high.next(word % 2 ** 28);
    const { whole } = this.#high;
    if (type > 1 || whole === undefined) return;
    const x = (word >>> 11) & 0x7ff;
    const y = word & 0x7ff;
    checkPixel('EVT 2.0', this.#geometry, x, y);
    sink.push(whole * 64 + ((word >>> 22) & 0x3f), x, y, type);
  }
}

const ADDR_Y = 0;
const ADDR_X = 2;
const VECT_BASE_X = 3;
const VECT_12 = 4;
const VECT_8 = 5;
const TIME_LOW = 6;
const TIME_HIGH = 8;

/** Four bits of type and twelve of content, each relative to the words before. */
class Evt3 {
  readonly #geometry: Geometry;
  readonly #high = new HighTime(12, 16);
  /** Undefined until the first word of either kind; times never go back. */
  #timeUs: number | undefined;
  #y: number | undefined;
  #x = 0;
  #on = 0;

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  take(word: number, sink: EventSink): void {
    const content = word & 0xfff;
    switch (word >> 12) {
      case ADDR_Y:
        this.#y = content & 0x7ff;
        break;
      case ADDR_X:
        this.#event(content & 0x7ff, content >> 11, sink);
        break;
      case VECT_BASE_X:
        this.#x = content & 0x7ff;
        this.#on = content >> 11;
        break;
      case VECT_12:
        this.#vector(content, 12, sink);
        break;
      case VECT_8:
        this.#vector(content & 0xff, 8, sink);
        break;
      case TIME_LOW:
        this.#time(content);
        break;
      case TIME_HIGH:
        // The low part comes right after it; until then it counts as zero.
        if (this.#high.next(content)) this.#time(0);
        break;
      default:
    }
  }

  #time(low: number): void {
    const { whole } = this.#high;
    if (whole !== undefined) this.#timeUs = Math.max(this.#timeUs ?? 0, whole * 4096 + low);
  }

  #vector(mask: number, length: number, sink: EventSink): void {
    for (let bit = 0; bit < length; bit++) {
      if ((mask & (1 << bit)) !== 0) this.#event(this.#x + bit, this.#on, sink);
    }
    this.#x += length;
  }

  #event(x: number, on: number, sink: EventSink): void {
    if (this.#timeUs === undefined || this.#y === undefined) return;
    checkPixel('EVT 3.0', this.#geometry, x, this.#y);
    sink.push(this.#timeUs, x, this.#y, on);
  }
}

/** Single words for each event; vectors, which a format of sensors has for its bandwidth, aren't written. */
export function evtEncoder(version: Version, geometry: Geometry): EventEncoder {
  sizes(geometry.width, geometry.height);
  const sink = new ByteSink();
  const words = version === 2 ? evt2Words(sink) : evt3Words(sink);
  let last = 0;
  return {
    head() {
      const { width, height } = geometry;
      const lines = [
        `evt ${version}.0`,
        `format EVT${version};height=${height};width=${width}`,
        `geometry ${width}x${height}`,
      ];
      sink.raw(new TextEncoder().encode([...lines, 'end'].map((line) => `% ${line}\n`).join('')));
      return sink.take();
    },
    push({ timesUs, x, y, on }) {
      for (let i = 0; i < x.length; i++) {
        checkPixel(`EVT ${version}.0`, geometry, x[i], y[i]);
        if (timesUs[i] < last) throw broken(`an event of ${timesUs[i]} us after one of ${last} us`);
        last = timesUs[i];
        words(timesUs[i], x[i], y[i], on[i]);
      }
      return sink.take();
    },
    end: () => new Uint8Array(0),
  };
}

/** Of one event, with what has to be said before it. */
type WriteEvent = (timeUs: number, x: number, y: number, on: number) => void;

/**
 * The words of the high part of the time, from zero on, so that a reader counts the same turns. As from a sensor, the last of a turn is followed by the
 * first of the next, which is what some readers know a turn by, and steps are small, since others take almost a turn for a step back.
 */
function highWords(bits: number, write: (high: number) => void): (wanted: number) => boolean {
  const turn = 2 ** bits;
  let high: number | undefined;
  return (wanted) => {
    if (high === wanted) return false;
    if (wanted - (high ?? 0) > MOST_TURNS * turn) {
      throw broken(`an event ${MOST_TURNS} turns of the format's clock after the one before`);
    }
    if (high === undefined) {
      high = Math.min(wanted, turn / 4);
      write(high);
    }
    while (high !== wanted) {
      const turnEnd = high - (high % turn) + turn - 1;
      high = Math.min(wanted, high === turnEnd ? high + 1 : Math.min(turnEnd, high + turn / 4));
      write(high % turn);
    }
    return true;
  };
}

const MOST_TURNS = 10_000;

function evt2Words(sink: ByteSink): WriteEvent {
  const say = highWords(28, (high) => sink.u32(2 ** 31 + high));
  return (timeUs, x, y, on) => {
    say(Math.floor(timeUs / 64));
    sink.u32(on * 2 ** 28 + (timeUs % 64) * 2 ** 22 + (x << 11) + y);
  };
}

function evt3Words(sink: ByteSink): WriteEvent {
  const say = highWords(12, (high) => sink.u16((TIME_HIGH << 12) | high));
  let low = -1;
  let lastY = -1;
  return (timeUs, x, y, on) => {
    if (say(Math.floor(timeUs / 4096)) || timeUs % 4096 !== low) {
      low = timeUs % 4096;
      sink.u16((TIME_LOW << 12) | low);
    }
    if (y !== lastY) {
      lastY = y;
      sink.u16((ADDR_Y << 12) | y);
    }
    sink.u16((ADDR_X << 12) | (on << 11) | x);
  };
}
