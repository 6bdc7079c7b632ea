// Reads a suite's log and prints "passed failed skipped", from the closing lines of Vitest, pytest and the fault scenarios.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const text = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'));
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const line of text.split('\n')) {
  const closing =
    /^\s*Tests\s+.*\(\d+\)\s*$/.test(line) ||
    /^=+ .*(passed|failed|skipped).* in [\d.]+s.*=+$/.test(line) ||
    /^\d+ passed, \d+ failed, \d+ skipped$/.test(line);
  if (!closing) continue;
  for (const [, count, kind] of line.matchAll(/(\d+) (passed|failed|skipped)/g)) sum[kind] += Number(count);
}
console.log(`${sum.passed} ${sum.failed} ${sum.skipped}`);
