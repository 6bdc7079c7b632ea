/** Disks that are full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, drawWhen } from './targets.js';

/** Room for a checkpoint or two of this network, not for its ballast. */
const DISK_BYTES = 4 << 20;

export const DISKS: readonly Kind[] = [
  {
    name: 'full-disk-checkpoints',
    about: 'the disk for checkpoints is full for a while: the run goes on without new ones',
    missing: ({ tmpfs }) => tmpfs,
    draw: (random) => {
      const [when, msFar, freed] = [drawWhen(random), random.between(300, 700), random.chance(0.7)];
      return {
        text: `${at(when)}, ${freed ? `room again after ${msFar} ms of the run` : 'to the end'}`,
        world: { workers: RUN.workers, store: 'files', diskBytes: DISK_BYTES },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const ballast = join(stage.world.storeDir, 'ballast');
          stage.fault('the disk for checkpoints is full');
          fill(ballast);
          if (!freed) return;
          await stage.further(msFar);
          rmSync(ballast);
        },
        async after({ world }) {
          rmSync(join(world.storeDir, 'ballast'), { force: true });
        },
      };
    },
  },
  {
    name: 'full-disk-nats',
    about: "JetStream's disk has no room for checkpoints: the run goes on without them",
    draw: (random) => {
      const kib = random.between(24, 96);
      return {
        text: `${kib} KiB`,
        world: { workers: RUN.workers, store: 'nats', natsDiskBytes: kib << 10 },
        async disturb(stage) {
          await stage.reach(drawWhen(random).clockMs);
          stage.fault('JetStream has no room');
        },
      };
    },
  },
  {
    name: 'full-disk-results',
    about:
      'the disk for results is full: one line says so, nothing is left there, and elsewhere they are whole',
    missing: ({ tmpfs }) => tmpfs,
    draw: (random) => {
      const kib = 4 * random.between(4, 60);
      return {
        text: `${kib} KiB`,
        world: { workers: RUN.workers, store: 'files' },
        disturb: async () => {},
        async after(stage) {
          const disk = join(stage.world.dir, 'small');
          mkdirSync(disk);
          execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', disk]);
          try {
            const out = join(disk, 'out');
            stage.fault(`results to a disk of ${kib} KiB`);
            const { exit, text } = await stage.world.nil('results', stage.runId, '--out', out, '--quiet');
            if (exit?.code !== 1)
              throw new Error(`nil results to a full disk: status ${exit?.code}: ${text}`);
            if (!/^nil: [^\n]+\n$/.test(text)) throw new Error(`nil results to a full disk says: ${text}`);
            const left = readdirSync(disk, { recursive: true }).filter((name) => name !== 'out');
            if (left.length > 0) throw new Error(`nil results to a full disk leaves ${left.join(', ')}`);
          } finally {
            execFileSync('umount', [disk]);
          }
        },
      };
    },
  },
];

/** A file as large as the disk has room. */
function fill(path: string): void {
  for (let bytes = DISK_BYTES; bytes >= 1024; bytes /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // What fits is there.
    }
  }
}
