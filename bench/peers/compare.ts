/** What two programs took for the same work, side by side. Pure: numbers in, numbers and tables out. */

export interface Measured {
  /** Wall seconds to build the network and to simulate it. */
  readonly build: number;
  readonly simulate: number;
  readonly peakMemoryBytes: number;
  /** What the work was, where the benchmark has it; the peer's differs a little, as its random draws do. */
  readonly spikes?: number;
  readonly synapses?: number;
  readonly synapticEvents?: number;
  readonly grants?: number;
  readonly versions: Readonly<Record<string, string>>;
}

export interface Side {
  readonly who: string;
  /** Best of all runs, each figure for itself: what disturbs a run only makes it slower. */
  readonly best: Measured;
  readonly runs: readonly Measured[];
}

/** peer / ours: larger is better for us. Throughput ratios are per event or grant, so that unequal draws don't matter. */
export interface Ratios {
  readonly build: number;
  readonly simulate: number;
  readonly memory: number;
  readonly synapticEventsPerSecond?: number;
  readonly grantsPerSecond?: number;
}

export interface Comparison {
  readonly name: string;
  readonly what: string;
  readonly threads: number;
  /** Biological seconds, where the benchmark has them. */
  readonly durationSeconds?: number;
  readonly ours: Side;
  readonly peer: Side;
  readonly ratios: Ratios;
}

export interface Skipped {
  readonly name: string;
  readonly what: string;
  readonly skipped: string;
}

export function sideOf(who: string, runs: readonly Measured[]): Side {
  const least = (pick: (run: Measured) => number): number => Math.min(...runs.map(pick));
  const { spikes, synapses, synapticEvents, grants, versions } = runs[0];
  return {
    who,
    runs,
    best: {
      build: least((run) => run.build),
      simulate: least((run) => run.simulate),
      peakMemoryBytes: least((run) => run.peakMemoryBytes),
      spikes,
      synapses,
      synapticEvents,
      grants,
      versions,
    },
  };
}

export function ratiosOf(ours: Measured, peer: Measured): Ratios {
  return {
    build: peer.build / ours.build,
    simulate: peer.simulate / ours.simulate,
    memory: peer.peakMemoryBytes / ours.peakMemoryBytes,
    ...(ours.synapticEvents === undefined || peer.synapticEvents === undefined
      ? {}
      : {
          synapticEventsPerSecond:
            ours.synapticEvents / ours.simulate / (peer.synapticEvents / peer.simulate),
        }),
    ...(ours.grants === undefined || peer.grants === undefined
      ? {}
      : { grantsPerSecond: ours.grants / ours.simulate / (peer.grants / peer.simulate) }),
  };
}

/** One row for each side, then the ratios. */
export function markdownOf(results: readonly (Comparison | Skipped)[], machine: string): string {
  const header =
    '| benchmark | who | build s | simulate s | real-time factor | peak memory MB | events/s | grants/s |';
  const rows = results.flatMap((result) =>
    'skipped' in result
      ? [`| ${result.name} | skipped: ${result.skipped} | | | | | | |`]
      : [sideRow(result, result.ours), sideRow(result, result.peer), ratioRow(result)],
  );
  return [
    '# Beside the peers',
    '',
    `${machine}. Best of the alternating runs of each; ratio = peer / ours, larger is better.`,
    '',
    header,
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

function sideRow(result: Comparison, side: Side): string {
  const { best } = side;
  const realTime = result.durationSeconds === undefined ? '' : figure(best.simulate / result.durationSeconds);
  const perSecond = (count: number | undefined): string =>
    count === undefined ? '' : figure(count / best.simulate);
  const cells = [
    `${result.name} (${result.what})`,
    side.who,
    figure(best.build),
    figure(best.simulate),
    realTime,
    figure(best.peakMemoryBytes / 1e6),
    perSecond(best.synapticEvents),
    perSecond(best.grants),
  ];
  return `| ${cells.join(' | ')} |`;
}

function ratioRow({ ratios, durationSeconds }: Comparison): string {
  const times = (ratio: number | undefined): string => (ratio === undefined ? '' : `**${figure(ratio)} ×**`);
  const realTime = durationSeconds === undefined ? undefined : ratios.simulate;
  const cells = [
    ratios.build,
    ratios.simulate,
    realTime,
    ratios.memory,
    ratios.synapticEventsPerSecond,
    ratios.grantsPerSecond,
  ];
  return `| | ratio | ${cells.map(times).join(' | ')} |`;
}

/** Three significant digits, in plain notation where it is short. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1e5) return value.toExponential(2);
  return String(Number(value.toPrecision(3)));
}
