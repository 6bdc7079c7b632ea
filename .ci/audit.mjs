// Asks the registry for known weaknesses of the locked dependencies. Ends with 0 when there are none of high or critical severity but those that
// audit-exceptions.json gives a reason for, 1 when there are, 75 when the registry can't be asked. `--report FILE` judges what is in a file.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const UNASKED = 75;
const SEVERE = ['high', 'critical'];

const at = process.argv.indexOf('--report');
const text =
  at < 0
    ? spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', timeout: 120_000, maxBuffer: 2 ** 28 }).stdout
    : readFileSync(process.argv[at + 1], 'utf8');
const report = parsed(text);
if (typeof report?.vulnerabilities !== 'object' || report.metadata === undefined) {
  const why = report?.message ?? report?.error?.summary ?? 'no report came';
  console.log(`audit: the registry can't be asked: ${String(why).split('\n')[0]}`);
  process.exit(UNASKED);
}

const file = process.env.NIL_AUDIT_EXCEPTIONS ?? new URL('./audit-exceptions.json', import.meta.url);
const exceptions = JSON.parse(readFileSync(file, 'utf8'));
const today = new Date().toISOString().slice(0, 10);
const problems = exceptions
  .filter((exception) => !isSound(exception))
  .map(({ advisory }) => {
    return `audit-exceptions.json: ${advisory}: expected an advisory, a reason in a sentence, and a day ('until') that isn't past`;
  });
const excused = new Set(exceptions.filter(isSound).map(({ advisory }) => advisory));
const used = new Set();
for (const [name, { severity, via }] of Object.entries(report.vulnerabilities)) {
  if (!SEVERE.includes(severity)) continue;
  // A text names another package of this list, which has the advisory.
  for (const advisory of via) {
    if (typeof advisory === 'string' || !SEVERE.includes(advisory.severity)) continue;
    const id = String(advisory.url).split('/').at(-1);
    if (excused.has(id)) used.add(id);
    else
      problems.push(`${name} ${advisory.range}: ${advisory.severity}: ${advisory.title} (${advisory.url})`);
  }
}
for (const id of excused)
  if (!used.has(id))
    problems.push(`audit-exceptions.json: ${id}: isn't found any more, expected to be taken out`);

for (const problem of new Set(problems)) console.log(`audit: ${problem}`);
const { low = 0, moderate = 0, high = 0, critical = 0 } = report.metadata.vulnerabilities ?? {};
console.log(
  `audit: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low; ${used.size} excused`,
);
process.exit(problems.length === 0 ? 0 : 1);

function isSound({ advisory, reason, until }) {
  const due = /^\d{4}-\d{2}-\d{2}$/.test(until) && until >= today;
  return /^GHSA(-[a-z0-9]{4}){3}$/.test(advisory) && typeof reason === 'string' && reason.length >= 20 && due;
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
