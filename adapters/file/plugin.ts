/** Records what projects to it to a file, or plays a file: docs/adapters/file.md. */
import { z } from 'zod';
import { readSonataSpikes } from '../../graph/import/data/sonata-file.js';
import { AdapterError } from '../sdk/errors.js';
import { type AdapterInstance, definePlugin, type OpenContext, type SpikeEvents } from '../sdk/plugin.js';
import { TapeFile, TapeRecorder, type TapeSpike } from './tape.js';

const config = z
  .strictObject({
    record: z
      .string()
      .optional()
      .describe('file to be written: spikes of all populations that project to it'),
    play: z
      .string()
      .optional()
      .describe('file to be played: a recording of this adapter, or SONATA spikes (.h5)'),
    as: z
      .record(z.string(), z.string())
      .default({})
      .describe('play: {population here: population in the file}; the one of the same name, or the only one'),
  })
  .refine(({ record, play }) => (record === undefined) !== (play === undefined), {
    error: "either 'record' or 'play'",
    path: ['record'],
  });

type FileConfig = z.output<typeof config>;

export const plugin = definePlugin<FileConfig>({
  kind: 'file',
  name: 'Recordings of channels',
  version: '1.0.0',
  doc: 'Records the spikes of the populations that project to it, or plays those of a recording or of a SONATA file as its own.',
  direction: 'both',
  input: 'spikes',
  timing: 'either',
  constraints: { models: ['external', 'spike_source'] },
  config,
  open: (context) =>
    context.config.record === undefined
      ? openPlayer(context, context.config.play as string)
      : recorder(context, context.config.record),
});

function recorder(context: OpenContext<FileConfig>, path: string): AdapterInstance {
  const { sources, dtNs, startNs, endNs, name } = context;
  if (sources.length === 0) {
    throw wrong(name, 'found no population that projects to it, expected those that are to be recorded');
  }
  const tape = new TapeRecorder(path, {
    version: 1,
    stepNs: dtNs,
    startNs,
    populations: sources.map(({ name: population, size }) => ({ name: population, size })),
  });
  // An event is given when it acts: of those stamped before now less the longest of the delays, none is to come.
  const delayNs = Math.max(...sources.map(({ minDelayNs }) => minDelayNs));
  let held: TapeSpike[] = [];
  let reachedNs = startNs;
  let ended = false;
  const write = async (untilNs: number): Promise<void> => {
    const ready = held.filter(({ stampNs }) => stampNs <= untilNs);
    held = held.filter(({ stampNs }) => stampNs > untilNs);
    context.count('spikes_recorded', ready.length);
    await tape.window(untilNs, ready);
  };
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    // Spikes that act after the run aren't given to anybody.
    await write(reachedNs);
    await tape.end();
  };
  return {
    inject({ count, populations, neurons, stampsNs }: SpikeEvents) {
      for (let i = 0; i < count; i++) {
        held.push({ population: populations[i], neuron: neurons[i], stampNs: stampsNs[i] });
      }
    },
    async advance(toNs) {
      reachedNs = toNs;
      if (toNs >= endNs) await end();
      else if (toNs - delayNs > startNs) await write(toNs - delayNs);
    },
    close: end,
  };
}

async function openPlayer(context: OpenContext<FileConfig>, path: string): Promise<AdapterInstance> {
  const source = /\.(h5|hdf5)$/i.test(path) ? await sonata(context, path) : await tape(context, path);
  let spikes: readonly TapeSpike[] | undefined = [];
  let at = 0;
  return {
    async advance(toNs) {
      while (spikes !== undefined) {
        for (; at < spikes.length && spikes[at].stampNs <= toNs; at++) {
          const { population, neuron, stampNs } = spikes[at];
          if (stampNs <= context.startNs) continue;
          context.emit(population, neuron, stampNs);
          context.count('spikes_played');
        }
        if (at < spikes.length) return;
        spikes = await source.next();
        at = 0;
      }
    },
    close: () => source.close(),
  };
}

/** Spikes of the populations that are here, by their places. */
interface Source {
  next(): Promise<readonly TapeSpike[] | undefined>;
  close(): void;
}

async function tape(context: OpenContext<FileConfig>, path: string): Promise<Source> {
  const file = new TapeFile(path);
  const { populations } = await file.head();
  const places = placesOf(context, path, populations);
  return {
    async next() {
      const spikes = await file.next();
      if (spikes === undefined && !file.complete)
        context.log(`${path} has no end: its recording was cut off`);
      return spikes?.flatMap((spike) =>
        (places[spike.population] ?? []).map((population) => ({ ...spike, population })),
      );
    },
    close: () => file.close(),
  };
}

/** HDF5 columns are read whole. */
async function sonata(context: OpenContext<FileConfig>, path: string): Promise<Source> {
  const found = await readSonataSpikes(path);
  const places = placesOf(
    context,
    path,
    found.map(({ population }) => ({ name: population })),
  );
  const spikes = found.flatMap(({ timesMs, neurons }, i) =>
    (places[i] ?? []).flatMap((population) =>
      Array.from(timesMs, (time, k) => ({
        population,
        neuron: checked(context, population, neurons[k], path),
        stampNs: Math.round(time * 1e6),
      })),
    ),
  );
  spikes.sort((a, b) => a.stampNs - b.stampNs || a.population - b.population || a.neuron - b.neuron);
  let given = false;
  return {
    next: async () => {
      if (given) return undefined;
      given = true;
      return spikes;
    },
    close: () => {},
  };
}

function checked(
  { populations, name }: OpenContext<FileConfig>,
  population: number,
  neuron: number,
  path: string,
): number {
  const { size, name: own } = populations[population];
  if (neuron < size) return neuron;
  throw wrong(name, `${path}: neuron ${neuron} for population ${own}, expected 0 to ${size - 1}`);
}

/** For each population of the file: the places of those here that play it. */
function placesOf(
  { config: own, populations, name }: OpenContext<FileConfig>,
  path: string,
  found: readonly { readonly name: string; readonly size?: number }[],
): number[][] {
  const places: number[][] = found.map(() => []);
  const names = found.map((each) => each.name).join(', ');
  populations.forEach(({ name: here, size }, i) => {
    const wanted = own.as[here] ?? here;
    const same = found.findIndex((each) => each.name === wanted);
    const at = same < 0 && own.as[here] === undefined && found.length === 1 ? 0 : same;
    if (at < 0)
      throw wrong(
        name,
        `${path}: found populations ${names}, expected ${wanted} (as: {${here}: …} says another)`,
      );
    if (found[at].size !== undefined && found[at].size !== size) {
      throw wrong(
        name,
        `${path}: ${found[at].name} has ${found[at].size} neurons, expected the ${size} of ${here}`,
      );
    }
    places[at].push(i);
  });
  return places;
}

const wrong = (name: string, found: string): AdapterError =>
  new AdapterError('ADAPTER_FILE', `adapter ${name}: ${found}`, { exitStatus: 2 });
