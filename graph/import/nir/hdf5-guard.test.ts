import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { File as H5File, ready } from 'h5wasm/node';
import { afterAll, describe, expect, it } from 'vitest';
import { readSonataSpikes } from '../data/sonata-file.js';
import { withHdf5 } from './hdf5.js';
import { mostDeclaredBytes } from './hdf5-guard.js';
import { readNir } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-hdf5-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong, what is said of it, and the file as h5py writes it (deflated, base64). Other files are always /etc/hostname. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  [
    'values in another file',
    'stored in other files',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KNrCi8mHyCVCaEUp3QOkVTDBxRrCcBFRcEGo+urqQIFdXkOr/aABmTwYLhOZgGAUjEXi4OgaA6AgoH5ZKTzChqqtAS48eFNrLyMAGMYsRxoekZEZGiAA0WcJpZqDLGKHuY0RKsaxAGsRnYmICC7MzaID5jNA8YoAjfacwwMQh9jIzwnIGC5rKBLrGgwRaOAegOUc/tSRZPyO/uCQvMTcVyA/283cB+RPmPwXm0TRNDgAAfp87rg==',
  ],
  [
    'values in another file, newer format',
    'stored in other files',
    'eNrr9HBx4+WS4mLm4GCAgf9Q8J0RwjeAii/NEfX193AJYmKoYBJCVggDXEwMQC1sPAxAirFiM8w8DwaqgcyfMjVgJwAtYBRhYGBiZGRkgcrBaGYeBkYBBpAbQICDgRXoKmYudg2gDrAoI8N+qMc40ExPgdIcQN8xM8J8BTOXoYdhUIFvxb7uHq6OASC2BFQM6jGG+4yoavVTS5L1M/KLS/ISc1OBfACszjYZ',
  ],
  [
    'a link to another file',
    'a link to another file',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KKphR+TD5BCjNCKU7oPQKJpg4C1hOAiouADVfAWpeBFQ8JMjVFdl8dHtGwcgGHq6OAcjphQNKn2BCVQdLhwFUspcJnnKxp0wuoEsYkdSzMShA3MHhwFghxMCgn1qSrJ+RX1ySl5ibyqBfAVMHAIdMPuI=',
  ],
  [
    'such a link further down, and a way through it',
    'a link to another file',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KGthR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACz5wErhEZ13SgYKcDD1TEAREdA+QpQ+gQTqrp0KF0BpfXT9Sv1qxDp04JEexmBOQI5/QpAU6AGND/A3ANJvww40+8oGE2/yOmFA1ZesqKnNwgIoJK9wX7+LowMTHD7FJhR7fGA8jPQyldY+oVlL4kRHn9M8BDAnsO5gCHMiKSeDVpCMXI4MFYKAcuh1JJk/Yz84pK8xNxUBn1Y8cQAAD2wYd4=',
  ],
  [
    'a view of another file',
    'a view of other datasets',
    'eNrr9HBx4+WS4mLm4GCAgf9QwCAB4RtAxR07O9n9PVyCmBgqmISQFcIAFxMDIwMDGw8DkGKs2Awzz4OBaiDzp0wN2AmKJZJs2ciYgZFRhIGBiZGRkQWqFkYz8zAwCjCA3AQCHAysQFcyc3PwAVUwM0B9DZbbwzCkQe/C78kMo2AUjIJRMApGATHA3dnfB1z5CSBVhEDgDFMAE9BPLUnWz8gvLslLzE1lqGRgRpIDASZQTQsSY2KE6mME1sBxhUkfUeybwT8a5qNgFIyCUTAKRsEoGAWjYBSMglEwCkYBvQEA+JozWg==',
  ],
  [
    '8 TiB that are not there',
    '8796093022208 bytes declared',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KKlhR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACzx4AFQnMwjIKRCDxcHQNAdASUD0ulJ5hQ1VWgpUcPCu1lZGCFmMUI40NSMiMjI7IiOM0MlAdxBRXsoWnVgcGEm8HkPzNECStQFCTPxMTECEnPEPOYGVFSPFIy7xhU8RDs5+8CytEwByowj6ZNcgAAguo2KA==',
  ],
  [
    '1 GiB of chunks that are not there',
    '1073741832 bytes declared',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KKlhR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACzx4AFQnMwjIKRCDxcHQNAdASUD0ulJ5hQ1VWgpUcPCu1lZGCDmMUI40NSMiMjI8weDmSaGSgPkhFUsIemVQcGE24Gk//MEP2sQFGQPBMzE9gAbgYFMJ8Rbj4HOMekpKblJJakMkCTPVAUYi8zExM8a7CgZIcEusRDsJ+/CyPYlRCgwDyaNskBAM4OOSs=',
  ],
  [
    'many datasets that are too much together',
    'bytes declared',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KZrCj8mHyCVCaEUp3QOkVTDBxRrCcBFRcEGo+urqQIFdXkOr/aABmjwELhJZgGAUjEXi4OgaA6AgoXwFKn2BCVVdhAKUNobQRavq0INFeRgZWiF5GGB+SAhkZGaH5wR6FZgbKg2QEFewZOMAiDgwm3Awm/5kh+lmBoiB5JiYmsAEcUPOYGWEp/sf//4zILugYVPEQ7Ofvwgj0JQcsHpjxq4eVJhWs+NXB8nUH28hIz6PpajQ88AEArItlpw==',
  ],
  [
    '2^30 texts that are not there',
    'bytes declared',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KKlhR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACzx4AFQnMwjIKRCDxcHQNAdASUD0ulJ5hQ1VWgpUcPCu1lZGCFmMUI40NSMiMjzAYGB2SaGSgPkpEEygtA3cmIlHJZgTSIz8QEEeaAmsfMiJziWZBc0DGo4iHYz98FlKNh+VCBeTRtkgMAlFA0tw==',
  ],
  [
    'groups in a circle',
    'nested deeper',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KCjhQ+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACz5wErhOZgGAUjEXi4OgaA6AgoH5ZKTzChqqtAS48eFNoLSr3MWNKvBzOEn8FKXPrVYEd19ygY2ekXlp46WFHVJULpJLR07ECmvcF+/i6gNAwrNxWY0fIHWjoeBfjCkYnocBQYDW+sAAA2g0TZ',
  ],
  [
    'a name that reaches into objects',
    'a name that leads elsewhere',
    'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KGgRR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACz5wErhOZgGAUjEXi4OgaA6AgoH5ZKTzChqqtAS48eFNqLK/16MEP4GazEpV8LgdH0O5p+EekXlp46WFHVxccXFOWX5MfHo6VjBzLtDfbzdwGlYFi6U2BGyx9o6XgU4CoHWCFhxgjjQ2KQkREiAA1GJFoCrFRQwR4a9g4MJtwMJv+hCliBoiB5JiYmRki5ADGPmdGCAzWFMKDVrIMJfLDHTo+CUTAKRsEoGAWjYDgC9HalBvtomJADAOsHTW0=',
  ],
];

describe('an HDF5 file from a stranger', () => {
  it.each(HOSTILE)('with %s is refused before a value is read', async (what, message, packed) => {
    const path = join(folder, `${what.replaceAll(' ', '-').replace('^', '')}.nir`);
    writeFileSync(path, inflateSync(Buffer.from(packed, 'base64')));
    const read = withHdf5(path, () => expect.fail('it was read'));
    await expect(read).rejects.toMatchObject({ code: 'HDF5_REFUSED', exitStatus: 2 });
    await expect(read).rejects.toThrow(message);
    for (const reader of [readNir, readSonataSpikes]) {
      await expect(reader(path)).rejects.toMatchObject({ code: 'HDF5_REFUSED' });
    }
  });

  it('is read when it only has bytes that look strange', async () => {
    await ready;
    const path = join(folder, 'plain.h5');
    const file = new H5File(path, 'w');
    const words = Uint32Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 1 : i % 997));
    file.create_dataset({ name: 'words', data: words });
    file.create_dataset({ name: 'text', data: 'HEAP'.repeat(1000) });
    file.create_group('group').create_dataset({ name: 'ones', data: new Int32Array(1000).fill(1) });
    file.close();
    expect(await withHdf5(path, (root) => root.keys())).toEqual(['group', 'text', 'words']);
  });

  it('may declare what deflate could make of it, and something that was never written', () => {
    expect(mostDeclaredBytes(0)).toBe(64 * 2 ** 20);
    expect(mostDeclaredBytes(10 ** 6)).toBe(1032 * 10 ** 6);
    expect(mostDeclaredBytes(2 ** 30)).toBe(8 * 2 ** 30);
  });
});
