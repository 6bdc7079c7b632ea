import { readdirSync, readFileSync } from 'node:fs';

/** Ids of processes that have a text among their arguments, as every user of the machine can list them; none where there is no /proc. */
export function processesWith(text: string): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => argumentsOf(id).includes(text)).map(Number);
}

function argumentsOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
