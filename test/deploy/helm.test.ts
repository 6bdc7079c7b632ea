/**
 * The chart, by Helm itself: NIL_HELM or the PATH says where it is. Schemas of Kubernetes are those of `kubernetes-validate` (PyPI): NIL_KUBERNETES_VALIDATE
 * or the PATH. What isn't there is skipped, by name.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { optionsOf } from './options.js';

const CHART = 'deploy/helm/nil-runtime';
const VERSIONS = ['1.28', '1.31', '1.34'];
const helm = found(process.env.NIL_HELM, 'helm', ['version']);
const validate = found(process.env.NIL_KUBERNETES_VALIDATE, 'kubernetes-validate', ['--version']);
const folder = mkdtempSync(join(tmpdir(), 'nil-helm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function found(given: string | undefined, name: string, args: readonly string[]): string | undefined {
  const program = given ?? name;
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return program;
  } catch (cause) {
    if (given !== undefined) throw new Error(`${given}: can't be run`, { cause });
    return undefined;
  }
}

/** Values as they would be set, beside those of the chart. */
const VARIANTS: Readonly<Record<string, object>> = {
  'as it comes': {},
  'in clear': { security: { enabled: false } },
  'an existing NATS': {
    nats: { enabled: false, url: 'tls://nats.messaging:4222', credentials: { secret: 'creds' } },
  },
  'all of it': {
    nats: { replicas: 3, storage: { className: 'fast' } },
    imagePullSecrets: [{ name: 'pull' }],
    podAnnotations: { a: 'b' },
    workers: { autoscaling: { enabled: true }, extraArgs: ['--memory', '3GiB'] },
    adapters: [
      {
        name: 'chip',
        kind: 'spinnaker',
        settings: ['host=10.0.0.2'],
        controller: 'DaemonSet',
        hostNetwork: true,
      },
      { name: 'line', kind: 'serial-aer', devices: ['/dev/ttyUSB0'], supplementalGroups: [20] },
    ],
    metrics: { serviceMonitor: { enabled: true }, rules: { enabled: true }, dashboard: { enabled: true } },
  },
  'a store on a volume': { coordinator: { store: '/store' } },
};

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string }[];
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
}
interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: PodSpec & {
    readonly template?: { readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

function run(args: readonly string[]): string {
  return execFileSync(helm as string, args, { encoding: 'utf8', stdio: 'pipe' });
}

function render(values: object): string {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return run(['template', 'nil', CHART, '--kube-version', '1.31.0', '--values', file]);
}

const resourcesOf = (text: string): Resource[] =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as Resource | null) ?? []);

describe.skipIf(helm === undefined)('the chart, by helm (skipped where there is no helm)', () => {
  it('has nothing that helm lint finds', () => {
    expect(run(['lint', CHART, '--strict', '--kube-version', '1.31.0'])).toContain('0 chart(s) failed');
  });

  it.each(Object.entries(VARIANTS))(
    '%s: commands are ones that nil takes, pods have no rights',
    async (_, values) => {
      const resources = resourcesOf(render(values));
      const pods = resources.flatMap(({ kind, metadata, spec }) => {
        const pod = kind === 'Pod' ? spec : spec?.template?.spec;
        const claims = spec?.volumeClaimTemplates ?? [];
        return pod === undefined ? [] : [{ name: metadata.name, pod, claims }];
      });
      expect(pods.length).toBeGreaterThanOrEqual(3);
      for (const { name, pod, claims } of pods) {
        expect([name, pod.automountServiceAccountToken]).toEqual([name, false]);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
        const volumes = [...(pod.volumes ?? []), ...claims.map(({ metadata }) => metadata)].map(
          (volume) => volume.name,
        );
        for (const { image, args, securityContext, volumeMounts } of pod.containers) {
          expect(securityContext).toMatchObject({
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          });
          for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
          if (!image.startsWith('nil-runtime:')) continue;
          const known = await optionsOf(args[0]);
          const given = args.filter((arg) => arg.startsWith('--'));
          expect([name, given.filter((arg) => !known.has(arg))]).toEqual([name, []]);
        }
      }
      const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('adapters are told apart by their names, of which each pod of several has its own', () => {
    const adapters = [
      { name: 'left', kind: 'dvs' },
      { name: 'right', kind: 'dvs' },
      { name: 'boards', kind: 'spinnaker', controller: 'DaemonSet' },
    ];
    const names = resourcesOf(render({ adapters })).flatMap(({ spec }) =>
      (spec?.template?.spec.containers ?? [])
        .filter(({ args }) => args[0] === 'adapter')
        .map(({ args }) => args[args.indexOf('--name') + 1]),
    );
    expect(names.sort()).toEqual(['$(POD_NAME)', 'left', 'right']);
  });

  it.each([
    ['a misspelt value', { worker: { replicas: 2 } }],
    ['two NATS servers', { nats: { replicas: 2 } }],
    ['no NATS at all', { nats: { enabled: false } }],
    ['a NATS password in the URL', { nats: { enabled: false, url: 'nats://a:b@c:4222' } }],
    ['a time without its unit', { coordinator: { timeout: '60' } }],
    ['a worker killed before it can hand over', { workers: { terminationGracePeriodSeconds: 5 } }],
  ])('%s is refused', (_, values) => {
    expect(() => render(values)).toThrow(/nil-runtime|nats\.url/);
  });

  it.skipIf(validate === undefined).each(VERSIONS)(
    'is what Kubernetes %s takes (skipped without kubernetes-validate)',
    (version) => {
      const file = join(folder, 'all.yaml');
      const own = Object.values(VARIANTS).flatMap((values) => resourcesOf(render(values)));
      // Of the Prometheus operator, whose schemas aren't Kubernetes's.
      const checked = own.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'));
      writeFileSync(file, checked.map((resource) => `---\n${JSON.stringify(resource)}\n`).join(''));
      execFileSync(validate as string, ['--strict', '--quiet', '-k', version, file], { stdio: 'pipe' });
    },
  );
});
