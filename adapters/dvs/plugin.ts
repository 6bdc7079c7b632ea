/** Event cameras and their recordings as a population of sources: docs/adapters/dvs.md. */
import { z } from 'zod';
import { arrivalClock } from '../sdk/arrivals.js';
import { AdapterError } from '../sdk/errors.js';
import { timeNs } from '../sdk/fields.js';
import { type AdapterInstance, definePlugin, type OpenContext } from '../sdk/plugin.js';
import type { EventBlock, Geometry } from './events.js';
import { FORMATS } from './formats.js';
import { type PixelMap, pixelMap, type Thinner, thinner } from './pixels.js';
import { type EventSource, openCamera, openRecording } from './source.js';

const side = z.number().int().min(1).max(32768);

const config = z
  .strictObject({
    file: z.string().optional().describe('a recording: AEDAT4, Prophesee raw (EVT 2.0, 3.0), .es, text'),
    connect: z
      .string()
      .optional()
      .describe("a live camera that DV or dv-processing serves: 'HOST:PORT' or a socket's path"),
    format: z.enum(FORMATS).optional().describe("of the file, where its start and ending don't say it"),
    stream: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('AEDAT4: number of the stream of events; the first one'),
    time_unit: z.enum(['ns', 'us', 'ms', 's']).default('us').describe('of times in text'),
    sensor: z
      .tuple([side, side])
      .optional()
      .describe("width and height, where the recording doesn't say them"),
    region: z
      .tuple([z.number().int().min(0), z.number().int().min(0), side, side])
      .optional()
      .describe('x, y, width and height of the pixels that count; all'),
    polarity: z
      .enum(['both', 'on', 'off', 'split'])
      .default('both')
      .describe('which events; split: neurons of ON events, then as many of OFF events'),
    bin: z.number().int().min(1).max(4096).default(1).describe('a neuron has this many pixels by this many'),
    flip_x: z.boolean().default(false).describe('left to right'),
    flip_y: z.boolean().default(false).describe('top to bottom'),
    events_per_spike: z.number().int().min(1).default(1).describe('so many events of a neuron are a spike'),
    refractory: timeNs('1 ms')
      .default(0)
      .describe('events so soon after a spike of their neuron count for nothing'),
    start: timeNs('2 s').default(0).describe('of the recording, what comes before is left out'),
    origin: z
      .enum(['first', 'zero'])
      .default('first')
      .describe("the run begins at the recording's first event, or at its time zero"),
    latency: timeNs('20 ms')
      .default(20_000_000)
      .describe('live, without --realtime: how long events may be under way'),
  })
  .refine(({ file, connect }) => (file === undefined) !== (connect === undefined), {
    error: "either 'file' or 'connect'",
    path: ['file'],
  });

type DvsConfig = z.output<typeof config>;

export const plugin = definePlugin<DvsConfig>({
  kind: 'dvs',
  name: 'Event cameras and recordings',
  version: '1.0.0',
  doc: 'Pixels of an event camera are neurons that spike with its events: from a recording, as fast as the run goes or paced, or live.',
  direction: 'source',
  input: 'none',
  timing: 'either',
  constraints: { models: ['spike_source', 'external'] },
  config,
  open: (context) => DvsInstance.open(context),
});

class DvsInstance implements AdapterInstance {
  readonly #context: OpenContext<DvsConfig>;
  readonly #source: EventSource;
  readonly #map: PixelMap;
  readonly #thinner: Thinner;
  #block: EventBlock | undefined;
  #at = 0;
  /** Of the camera; the run's time zero. */
  #originUs: number | undefined;
  readonly #openedMs = performance.now();
  readonly #clock = arrivalClock();
  #pending: Promise<void> | undefined;
  #ended = false;

  static async open(context: OpenContext<DvsConfig>): Promise<DvsInstance> {
    const { file, connect, format, stream, time_unit, sensor } = context.config;
    const [population, ...more] = context.populations;
    if (more.length > 0)
      throw wrong(context, `found ${more.length + 1} populations, expected one for each camera`);
    const geometry: Geometry | undefined =
      sensor === undefined ? undefined : { width: sensor[0], height: sensor[1] };
    const options = {
      unit: time_unit,
      ...(geometry === undefined ? {} : { geometry }),
      ...(stream === undefined ? {} : { stream }),
    };
    const source =
      connect === undefined
        ? await openRecording(file as string, { ...options, ...(format === undefined ? {} : { format }) })
        : await openCamera(connect, options);
    try {
      await source.ready();
      const known = source.geometry ?? geometry;
      if (known === undefined) {
        throw wrong(
          context,
          `${file ?? connect} doesn't say how large the sensor is, expected sensor: [WIDTH, HEIGHT]`,
        );
      }
      const map = mapOf(context, known);
      if (map.neurons !== population.size) {
        throw wrong(
          context,
          `population ${population.name} has ${population.size} neurons, expected ${map.columns} x ${map.rows}${map.neurons > map.columns * map.rows ? ' x 2' : ''} = ${map.neurons}`,
        );
      }
      context.log(
        `${file ?? connect}: ${source.format}, ${known.width} x ${known.height} pixels, ${map.columns} x ${map.rows} neurons`,
      );
      return new DvsInstance(context, source, map);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  private constructor(context: OpenContext<DvsConfig>, source: EventSource, map: PixelMap) {
    this.#context = context;
    this.#source = source;
    this.#map = map;
    const { events_per_spike, refractory } = context.config;
    this.#thinner = thinner(map.neurons, events_per_spike, refractory);
  }

  async advance(toNs: number): Promise<void> {
    if (this.#context.config.connect === undefined) {
      while (this.#emitUntil(toNs) && !this.#ended) this.#took(await this.#source.next());
    } else if (this.#context.speed === undefined) await this.#waitFor(toNs);
    else this.#pump();
  }

  close(): void {
    const drift = this.#clock.report("the camera's");
    if (drift !== undefined) this.#context.log(drift);
    this.#source.close();
  }

  /** Emits what is here and stamped at or before `toNs`; whether more has to be read. */
  #emitUntil(toNs: number): boolean {
    if (this.#block === undefined) return true;
    const { timesUs, x, y, on } = this.#block;
    const { emit, count } = this.#context;
    const [{ begin, end }] = this.#context.populations;
    const originUs = this.#originUs as number;
    let left = 0;
    let spikes = 0;
    let at = this.#at;
    for (; at < x.length; at++) {
      const stampNs = (timesUs[at] - originUs) * 1000;
      if (stampNs > toNs) break;
      const neuron = this.#map.neuronOf(x[at], y[at], on[at]);
      if (stampNs <= 0 || neuron < begin || neuron >= end || !this.#thinner.take(neuron, stampNs)) {
        left++;
        continue;
      }
      emit(0, neuron, stampNs);
      spikes++;
    }
    this.#at = at;
    count('camera_events', left + spikes);
    if (left > 0) count('camera_events_left_out', left);
    return at === x.length;
  }

  #took(block: EventBlock | undefined): void {
    if (block === undefined) {
      this.#ended = true;
      this.#block = undefined;
      return;
    }
    const { start, origin, connect } = this.#context.config;
    this.#block = block;
    this.#at = 0;
    if (connect !== undefined) {
      const newestUs = block.timesUs[block.timesUs.length - 1];
      this.#originUs = newestUs - this.#clock.sample(newestUs, this.#nowNs() / 1000);
    }
    // The first event acts in the first step.
    this.#originUs ??=
      (origin === 'first' ? block.timesUs[0] - 1 : 0) + start / 1000 - this.#context.startNs / 1000;
  }

  /** Live and paced: events are given as they come, and the SDK says which are late. */
  #pump(): void {
    if (this.#pending !== undefined || this.#ended) return;
    const loop = async (): Promise<void> => {
      for (;;) {
        this.#emitUntil(Number.POSITIVE_INFINITY);
        this.#took(await this.#source.next());
        if (this.#ended) return this.#context.log('the camera has ended its stream');
      }
    };
    this.#pending = loop().catch((error: Error) => this.#context.fail(error));
  }

  /** Live and not paced: until the camera has sent something later, or the time has passed by `latency`. */
  async #waitFor(toNs: number): Promise<void> {
    while (this.#emitUntil(toNs) && !this.#ended) {
      const waitMs = (toNs + this.#context.config.latency - this.#nowNs()) / 1e6;
      if (waitMs <= 0) return;
      this.#pending ??= this.#source.next().then((block) => {
        this.#pending = undefined;
        this.#took(block);
      });
      await Promise.race([this.#pending, sleep(waitMs)]);
    }
  }

  /** The run's time: paced by the SDK, else the wall's since it was opened. */
  #nowNs(): number {
    const { speed, clock, startNs } = this.#context;
    return speed === undefined ? startNs + (performance.now() - this.#openedMs) * 1e6 : clock.nowNs();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const wrong = ({ name }: OpenContext<DvsConfig>, found: string): AdapterError =>
  new AdapterError('ADAPTER_DVS', `adapter ${name}: ${found}`, { exitStatus: 2 });

function mapOf(
  { config: { region, polarity, bin, flip_x, flip_y } }: OpenContext<DvsConfig>,
  known: Geometry,
): PixelMap {
  return pixelMap(known, {
    ...(region === undefined ? {} : { region }),
    polarity,
    bin,
    flipX: flip_x,
    flipY: flip_y,
  });
}
