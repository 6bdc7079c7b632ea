import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'nil-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GHSA = 'GHSA-aaaa-bbbb-cccc';
const advisory = (severity: string) => ({
  title: 'A weakness',
  url: `https://github.com/advisories/${GHSA}`,
  severity,
  range: '<1.2.3',
});
const reportOf = (vulnerabilities: object, counts = {}) => ({
  vulnerabilities,
  metadata: { vulnerabilities: counts },
});
const excuse = (change: object = {}) => ({
  advisory: GHSA,
  reason: 'Only the tests use it, and never on input from outside.',
  until: '2999-01-01',
  ...change,
});

function audit(report: unknown, exceptions: readonly object[] = []) {
  const [reportFile, exceptionsFile] = [join(folder, 'report.json'), join(folder, 'exceptions.json')];
  writeFileSync(reportFile, typeof report === 'string' ? report : JSON.stringify(report));
  writeFileSync(exceptionsFile, JSON.stringify(exceptions));
  const { status, stdout } = spawnSync('node', ['.ci/audit.mjs', '--report', reportFile], {
    encoding: 'utf8',
    env: { ...process.env, NIL_AUDIT_EXCEPTIONS: exceptionsFile },
  });
  return { status, stdout };
}

describe('the audit of dependencies', () => {
  const high = reportOf({
    a: { severity: 'high', via: [advisory('high'), advisory('low')] },
    b: { severity: 'high', via: ['a'] },
  });

  it('passes without severe findings', () => {
    expect(audit(reportOf({}))).toMatchObject({ status: 0 });
    const mild = reportOf({ a: { severity: 'moderate', via: [advisory('moderate')] } }, { moderate: 1 });
    expect(audit(mild)).toMatchObject({ status: 0, stdout: expect.stringContaining('1 moderate') });
  });

  it('fails with one, and names it once', () => {
    const { status, stdout } = audit(high);
    expect(status).toBe(1);
    expect(stdout.match(/A weakness/g)).toHaveLength(1);
    expect(stdout).toContain(`a <1.2.3: high: A weakness (https://github.com/advisories/${GHSA})`);
  });

  it('passes with a written reason that still holds', () => {
    expect(audit(high, [excuse()])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 excused'),
    });
    for (const change of [
      { reason: '' },
      { reason: 'later' },
      { until: '2020-01-01' },
      { until: undefined },
      { advisory: 'x' },
    ]) {
      expect(audit(high, [excuse(change)]).status).toBe(1);
    }
    expect(audit(reportOf({}), [excuse()])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("isn't found any more"),
    });
  });

  it('says so when the registry can’t be asked', () => {
    for (const answer of [
      '',
      'not json',
      { message: '405 Method Not Allowed' },
      { error: { summary: 'offline' } },
    ]) {
      expect(audit(answer)).toMatchObject({ status: 75, stdout: expect.stringContaining("can't be asked") });
    }
  });
});
