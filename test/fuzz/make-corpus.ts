/** Writes the corpus files that are not text: `npm run fuzz -- --list && node out/fuzz/test/fuzz/make-corpus.js`. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { File as H5File, ready } from 'h5wasm/node';
import { writeSpikes } from '../../coordinator/results/sonata.js';
import { writeNir } from '../../graph/export/nir/write.js';
import { sampleResult } from '../sample-result.js';
import { corpusOf, ROOT } from './corpus.js';
import { parse } from './mutate/tree.js';
import { npy } from './targets/data.js';
import { nirGraphOf } from './targets/nir.js';

const at = (folder: string, name: string): string => {
  const path = join(ROOT, 'test/fuzz/corpus', folder);
  mkdirSync(path, { recursive: true });
  return join(path, name);
};

function writeNpy(name: string, descr: string, shape: string, data: Uint8Array, fortran = 'False'): void {
  const head = npy(`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`, 0);
  writeFileSync(at('npy', name), Buffer.concat([head, data]));
}

writeNpy('dense.npy', '<f8', '(2, 3)', new Uint8Array(Float64Array.of(0, 1, 0, 0.5, 0, 0).buffer));
writeNpy(
  'truths.npy',
  '|b1',
  '(4, 2, 2)',
  Uint8Array.from({ length: 16 }, (_, i) => i % 2),
);
writeNpy('fortran.npy', '>i4', '(2, 2, 2)', new Uint8Array(32), 'True');
writeNpy('long.npy', '<u8', '(3,)', new Uint8Array(24));

for (const [i, bytes] of corpusOf('nir-tree').entries()) {
  const path = at('nir', `tree${i}.nir`);
  rmSync(path, { force: true });
  await writeNir(nirGraphOf(parse(bytes), ''), path);
}
writeFileSync(at('nir', 'nir-package.nir'), readFileSync(join(ROOT, 'examples/lif_norse.nir')));

await ready;
function writeSonata(name: string, options: Record<string, unknown>): void {
  const path = at('sonata', name);
  rmSync(path, { force: true });
  const file = new H5File(path, 'w');
  const group = file.create_group('spikes').create_group('in');
  const times = { name: 'timestamps', data: Float64Array.of(0.1, 0.3, 0.3, 5) };
  group.create_dataset({ ...times, ...options }).create_attribute('units', 'milliseconds');
  group.create_dataset({ name: 'node_ids', data: BigUint64Array.of(0n, 1n, 2n, 3n), ...options });
  file.close();
}
writeSonata('plain.h5', {});
writeSonata('chunked.h5', { maxshape: [null], chunks: [2], compression: 1 });

const result = sampleResult();
writeSpikes(at('sonata', 'own.h5'), {
  ...result,
  spikes: [{ ...result.spikes[0], name: 'in', neurons: Uint32Array.of(0, 1, 3) }],
});
