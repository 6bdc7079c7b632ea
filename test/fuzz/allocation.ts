/**
 * Counts what typed arrays and array buffers ask for, and refuses beyond a limit: memory that is never touched doesn't show in the
 * process's size, and a decoder that asks for a gigabyte because a message says so is wrong even if it gets it.
 */
export interface AllocationMeter {
  /** Starts a case. */
  begin(limitBytes: number): void;
  /** What was asked for at once or in all, when it was too much; whatever the decoder made of the refusal. */
  exceeded(): number | undefined;
  restore(): void;
}

const NAMES = [
  ...[
    'ArrayBuffer',
    'SharedArrayBuffer',
    'Float64Array',
    'Float32Array',
    'Uint32Array',
    'Int32Array',
    'Uint16Array',
    'Int16Array',
  ],
  ...['Uint8Array', 'Int8Array', 'BigUint64Array', 'BigInt64Array'],
] as const;

type Constructor = new (...args: never[]) => object;

export function meterAllocations(): AllocationMeter {
  let limit = Number.POSITIVE_INFINITY;
  let used = 0;
  let excess: number | undefined;
  const scope = globalThis as unknown as Record<string, Constructor>;
  const originals = NAMES.map((name) => [name, scope[name]] as const);
  for (const [name, original] of originals) {
    const width = (original as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    const proxy: Constructor = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const asked = Number(
          typeof args[0] === 'number' ? args[0] : ((args[0] as { length?: number })?.length ?? 0),
        );
        used += args.length > 1 ? 0 : asked * width;
        if (used > limit) {
          excess ??= used;
          throw new RangeError(`allocation of ${used} bytes, at most ${limit}`);
        }
        return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
      },
    });
    scope[name] = proxy;
  }
  return {
    begin(limitBytes) {
      limit = limitBytes;
      used = 0;
      excess = undefined;
    },
    exceeded: () => excess,
    restore() {
      for (const [name, original] of originals) scope[name] = original;
    },
  };
}
