/**
 * Spikes as a SONATA spike file, which NEST, BMTK, libsonata, PyNN and others open.
 * @see https://github.com/AllenInstitute/sonata/blob/master/docs/SONATA_DEVELOPER_GUIDE.md (section "Spike file")
 */
import type { EnumType } from './hdf5/messages.js';
import { groupOf, type H5Attributes, type H5Group, madeColumn, writeHdf5 } from './hdf5/write.js';
import type { PopulationSpikes, RunResult } from './types.js';

/** How the format tells its files: `magic` and `version` of the root. */
export const SONATA_ROOT: H5Attributes = { magic: { u4: [0x0a7a] }, version: { u4: [0, 1] } };

const SORTING: EnumType = { members: ['none', 'by_id', 'by_time'] };
const BY_TIME = 2;

export function writeSpikes(path: string, { spikes, settings }: RunResult): void {
  writeSpikeFile(path, settings.dtNs, spikes);
}

/** The same for spikes of elsewhere, in order of their steps. */
export function writeSpikeFile(path: string, dtNs: number, spikes: readonly PopulationSpikes[]): void {
  const populations = spikes.map((own) => [own.name, spikesGroup(own, dtNs)] as const);
  writeHdf5(path, groupOf([['spikes', groupOf(populations)]], SONATA_ROOT));
}

function spikesGroup({ steps, neurons }: PopulationSpikes, dtNs: number): H5Group {
  const timestamps = madeColumn(
    (length) => new Float64Array(length),
    steps.length,
    (piece, begin) => {
      for (let i = 0; i < piece.length; i++) piece[i] = ((steps[begin + i] + 1) * dtNs) / 1e6;
    },
    { units: 'milliseconds' },
  );
  const nodeIds = madeColumn(
    (length) => new BigUint64Array(length),
    neurons.length,
    (piece, begin) => {
      // Low halves of little-endian uint64; the high ones are 0.
      const halves = new Uint32Array(piece.buffer);
      for (let i = 0; i < piece.length; i++) halves[2 * i] = neurons[begin + i];
    },
  );
  return groupOf(
    [
      ['timestamps', timestamps],
      ['node_ids', nodeIds],
    ],
    { sorting: { member: BY_TIME, of: SORTING } },
  );
}
