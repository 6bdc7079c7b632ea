/** The terminal as the commands see it: handed in, so that tests run them in one process. */

export interface Sink {
  /** False when the reader is slower: then wait for `drained`. */
  write(text: string): boolean;
  drained(): Promise<void>;
  /** Nobody reads any more (`… | head` has seen enough): what is written is dropped, and the command goes on to its end and exit status. */
  readonly gone: boolean;
  readonly isTTY: boolean;
  readonly columns: number;
}

export interface Io {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back for every Ctrl-C or request to end. Returns how to end that. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(status: number): void;
}

export function processIo(): Io {
  return {
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    env: process.env,
    onInterrupt(listener) {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    exit: (status) => process.exit(status),
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  let gone = false;
  const left = new Promise<void>((resolve) => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      gone = true;
      resolve();
    });
  });
  return {
    write: (text) => gone || stream.write(text),
    drained: () => Promise.race([left, new Promise<void>((resolve) => stream.once('drain', resolve))]),
    get gone() {
      return gone;
    },
    isTTY: stream.isTTY === true,
    get columns() {
      // A terminal that doesn't know says 0.
      return stream.columns || 80;
    },
  };
}

/** Colours only where somebody looks, and nobody said no (https://no-color.org). */
export function hasColor(sink: Sink, env: Io['env']): boolean {
  return sink.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
