/** What is still there of a world that has ended. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every process of a world has this in its environment, and so have their children. */
export const MARK = 'NIL_FAULTS_WORLD';

/** Ids of processes that belong to a world. */
export function processesOf(dir: string): number[] {
  const mark = `${MARK}=${dir}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => environmentOf(id).split('\0').includes(mark))
    .map(Number);
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
}

/** Files and folders below a folder, by path; none when it isn't there. */
export function filesBelow(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
