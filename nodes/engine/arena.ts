import { RunError } from '../../graph/errors.js';

const PAGE = 65536;
const LARGEST_PAGES = 65536;
/** Columns start on a cache line, which is also what SIMD loads like. */
const ALIGNMENT = 64;

/**
 * All columns of one engine thread in one WebAssembly memory, so that the same bytes serve TypeScript and WASM kernels. The memory is
 * shared only because a shared one keeps its views valid when it grows.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  private top = ALIGNMENT;

  constructor(private readonly owner: string) {
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: LARGEST_PAGES, shared: true });
  }

  // `take` first: it may grow the memory, and a buffer got before that ends where the memory ended.
  f64(length: number): Float64Array {
    const start = this.take(length * 8);
    return new Float64Array(this.memory.buffer, start, length);
  }

  f32(length: number): Float32Array {
    const start = this.take(length * 4);
    return new Float32Array(this.memory.buffer, start, length);
  }

  u32(length: number): Uint32Array {
    const start = this.take(length * 4);
    return new Uint32Array(this.memory.buffer, start, length);
  }

  i32(length: number): Int32Array {
    const start = this.take(length * 4);
    return new Int32Array(this.memory.buffer, start, length);
  }

  u16(length: number): Uint16Array {
    const start = this.take(length * 2);
    return new Uint16Array(this.memory.buffer, start, length);
  }

  u8(length: number): Uint8Array {
    const start = this.take(length);
    return new Uint8Array(this.memory.buffer, start, length);
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.top;
  }

  private take(bytes: number): number {
    const start = this.top;
    const end = Math.ceil((start + bytes) / ALIGNMENT) * ALIGNMENT;
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.grow(missing);
    this.top = end;
    return start;
  }

  private grow(pages: number): void {
    const had = this.memory.buffer.byteLength / PAGE;
    // Growing in steps of an eighth keeps the number of growths small without doubling what is taken.
    const wanted = Math.min(Math.max(pages, Math.ceil(had / 8)), LARGEST_PAGES - had);
    try {
      if (wanted < pages) throw new RangeError('4 GiB are used up');
      this.memory.grow(wanted);
    } catch (cause) {
      throw new RunError(
        'ENGINE_MEMORY',
        `${this.owner}: needs more than ${Math.round((had * PAGE) / 1e6)} MB in one thread; use more workers or threads (at most 4 GiB each)`,
        { cause },
      );
    }
  }
}
