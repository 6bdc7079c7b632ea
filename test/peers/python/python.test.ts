import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { findPlugin } from '../../../adapters/index.js';
import { natsServerPath } from '../../nats-server.js';
import { type CutRun, type Peer, peer, runAlone, runCut } from './peers.js';

const PACKAGE = fileURLToPath(new URL('../../../adapters/python', import.meta.url));
const nest = peer('nest', 'nest-simulator');
const brian2 = peer('brian2', 'Brian2');
// Its wheel asks for exactly this Python.
const lava = peer('lava', 'lava-nc', [10]);
const akida = peer('akida', 'akida');
const sdk = peer('sdk', 'nats-py');
const peers = [nest, brian2, lava, akida, sdk];
let ran = 0;

afterAll(() => {
  const lines = peers.map(({ name, missing, version }) =>
    missing === undefined ? `  ${name}: ${version}` : `  ${name}: skipped, ${missing}`,
  );
  const installed = peers.filter(({ missing }) => missing === undefined).length;
  process.stdout.write(
    `Python adapters: ${installed} of ${peers.length} peers are here, ${ran} tests ran\n${lines.join('\n')}\n`,
  );
});

function withPeer(of: Peer, tests: (python: string) => void): void {
  const why = of.missing === undefined ? of.version : `skipped: ${of.missing}`;
  describe.skipIf(of.missing !== undefined)(`${of.name} (${why})`, () => {
    tests('missing' in of.venv ? '' : of.venv.python);
    it('declares in Python what its plug-in here declares', async () => {
      ran++;
      const { plugin } = await findPlugin(of.name);
      const { constraints } = plugin;
      const said = describePython(of);
      expect(said).toMatchObject({
        kind: plugin.kind,
        name: plugin.name,
        direction: plugin.direction,
        input: plugin.input,
        timing: plugin.timing,
        constraints: JSON.parse(JSON.stringify(constraints)),
      });
      expect(said.leadSteps).toBe(plugin.leadSteps ?? 0);
      expect(said.windowSteps ?? undefined).toBe(plugin.windowSteps);
    });
  });
}

function describePython({ venv, name }: Peer): Record<string, unknown> {
  if ('missing' in venv) throw new Error(venv.missing);
  const { stdout, stderr } = spawnSync(venv.python, ['-m', 'nil_runtime.adapter', name, '--describe'], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: PACKAGE },
  });
  try {
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch {
    throw new Error(`${name} --describe: ${stderr}${stdout}`);
  }
}

function expectAlone(of: Peer, script: string, run: CutRun, least: number, names: readonly string[]): void {
  ran++;
  expect(run.result.outcome).toMatchObject({ state: 'done' });
  const alone = runAlone(of, script, run.network);
  for (const name of names) {
    expect(alone[name].steps.length, name).toBeGreaterThan(least);
    expect(run.spikes[name], name).toEqual(alone[name]);
  }
}

const RECORDINGS = ['noise', 'left', 'right'].map((p) => `  - {kind: spikes, population: ${p}}`).join('\n');

const LEAKY: Readonly<
  Record<string, { readonly params: string; readonly w: readonly [string, string, string] }>
> = {
  iaf_psc_delta: {
    params: '{C_m: 250 pF, tau_m: 10 ms, t_ref: 2 ms, E_L: -70 mV, V_reset: -70 mV, V_th: -55 mV}',
    w: ['2.25 mV', '1.5 mV', '-1.25 mV'],
  },
  iaf_psc_exp: {
    params:
      '{C_m: 250 pF, tau_m: 10 ms, t_ref: 2 ms, E_L: -70 mV, V_reset: -70 mV, V_th: -55 mV, tau_syn_ex: 2 ms, tau_syn_in: 3 ms, I_e: 120 pA}',
    w: ['320 pA', '256 pA', '-192 pA'],
  },
  iaf_psc_alpha: {
    params:
      '{C_m: 250 pF, tau_m: 10 ms, t_ref: 2 ms, E_L: -70 mV, V_reset: -70 mV, V_th: -55 mV, tau_syn_ex: 2 ms, tau_syn_in: 3 ms, I_e: 120 pA}',
    w: ['160 pA', '128 pA', '-96 pA'],
  },
};

/** Noise on a worker drives two populations that drive each other, over delays down to one step. */
function leaky(model: string, adapters: string, placements: { left?: string; right?: string }): string {
  const { params, w } = LEAKY[model];
  const at = (name: 'left' | 'right'): string =>
    placements[name] === undefined ? '' : `, placement: ${placements[name]}`;
  return `
nil: 1
name: cut
defaults: {dt: 0.1 ms, duration: 300 ms, seed: 7}
adapters: ${adapters}
populations:
  noise: {model: poisson_source, size: 40, params: {rate: 400 Hz}}
  left: {model: ${model}, size: 30, params: &p ${params}${at('left')}}
  right: {model: ${model}, size: 20, params: *p${at('right')}}
projections:
  - {source: noise, target: left, rule: fixed_indegree, indegree: 10, weight: ${w[0]}, delay: 0.5 ms}
  - {source: noise, target: right, rule: fixed_indegree, indegree: 8, weight: ${w[0]}, delay: {uniform: {low: 0.2 ms, high: 1.4 ms}}}
  - {source: left, target: right, rule: fixed_indegree, indegree: 5, weight: ${w[1]}, delay: 0.2 ms}
  - {source: right, target: left, rule: fixed_indegree, indegree: 5, weight: ${w[2]}, delay: 0.1 ms}
  - {source: right, target: right, rule: fixed_indegree, indegree: 4, weight: ${w[2]}, delay: 0.8 ms}
recordings:
${RECORDINGS}
`;
}

withPeer(nest, (python) => {
  it.each(Object.keys(LEAKY))('closed loop with workers, %s: the spikes of NEST alone', async (model) => {
    const run = await runCut(leaky(model, '{nest: {kind: nest}}', { right: 'nest' }), python, 2);
    expectAlone(nest, 'alone_nest.py', run, 300, ['left', 'right']);
  });

  it('two NEST simulations in a closed loop: the spikes of one', async () => {
    const adapters = '{one: {kind: nest}, two: {kind: nest, threads: 2}}';
    const text = leaky('iaf_psc_exp', adapters, { left: 'one', right: 'two' })
      .replace('delay: 0.1 ms', 'delay: 0.3 ms')
      .replace('duration: 300 ms', 'duration: 60 ms');
    expectAlone(nest, 'alone_nest.py', await runCut(text, python), 100, ['left', 'right']);
  });

  it('a step current on a population that NEST has', async () => {
    const text = `${leaky('iaf_psc_exp', '{nest: {kind: nest}}', { right: 'nest' })}
stimuli:
  - {kind: step_current, target: right, times: [20 ms, 150 ms], amplitudes: [300 pA, -100 pA]}
`;
    expectAlone(nest, 'alone_nest.py', await runCut(text, python), 300, ['left', 'right']);
  });

  it('Poisson input on a population that NEST has is an error that names it', async () => {
    ran++;
    const text = `${leaky('iaf_psc_exp', '{nest: {kind: nest}}', { right: 'nest' })}
stimuli:
  - {kind: poisson, target: right, rate: 1 kHz, weight: 10 pA, delay: 1 ms}
`;
    await expect(runCut(text, python)).rejects.toThrow(
      /found a poisson for its population right, expected a source population/,
    );
  });
});

withPeer(brian2, (python) => {
  it('closed loop with workers, iaf_psc_delta: the spikes of Brian 2 alone', async () => {
    const run = await runCut(leaky('iaf_psc_delta', '{b: {kind: brian2}}', { right: 'b' }), python, 2);
    expectAlone(brian2, 'alone_brian2.py', run, 300, ['left', 'right']);
  });

  it("two of them with Brian's own equations in a closed loop: the spikes of one script", async () => {
    const equations =
      '{equations: "dv/dt = (I - v) / (10*ms) : 1 (unless refractory)\\nI : 1", threshold: "v > 1", reset: "v = 0"';
    const group = `${equations}, refractory: 2 ms, method: exact, initial: {I: 0.9}}`;
    const text = `
nil: 1
name: cut
defaults: {dt: 0.1 ms, duration: 200 ms, seed: 3}
adapters:
  one: {kind: brian2, groups: {left: ${group}}}
  two: {kind: brian2, groups: {right: ${group}}}
populations:
  noise: {model: poisson_source, size: 30, params: {rate: 200 Hz}}
  left: {model: external, size: 20, placement: one}
  right: {model: external, size: 15, placement: two}
projections:
  - {source: noise, target: left, rule: fixed_indegree, indegree: 8, weight: 0.09375, delay: 0.5 ms, allow_multapses: false}
  - {source: left, target: right, rule: fixed_indegree, indegree: 5, weight: 0.25, delay: 0.3 ms, allow_multapses: false}
  - {source: right, target: left, rule: fixed_indegree, indegree: 5, weight: -0.125, delay: 0.4 ms, allow_multapses: false}
  - {source: left, target: left, rule: fixed_indegree, indegree: 3, weight: 0.0625, delay: 0.2 ms, allow_multapses: false}
recordings:
${RECORDINGS}
`;
    expectAlone(brian2, 'alone_brian2.py', await runCut(text, python), 100, ['left', 'right']);
  });
});

/** Two chips in a closed loop and a worker. */
const chips = (kind: string, params: string, weights: readonly [number, number, number]): string => `
nil: 1
name: chips
defaults: {dt: 1 ms, duration: 200 ms, seed: 7}
adapters: {one: {kind: ${kind}}, two: {kind: ${kind}}}
populations:
  noise: {model: poisson_source, size: 20, params: {rate: 100 Hz}}
  left: {model: external, size: 10, params: ${params}, placement: one}
  right: {model: external, size: 8, params: ${params}, placement: two}
projections:
  - {source: noise, target: left, rule: fixed_indegree, indegree: 8, weight: ${weights[0]}, delay: 2 ms, allow_multapses: false}
  - {source: left, target: right, rule: fixed_indegree, indegree: 5, weight: ${weights[1]}, delay: 2 ms, allow_multapses: false}
  - {source: right, target: left, rule: fixed_indegree, indegree: 4, weight: ${weights[2]}, delay: 3 ms, allow_multapses: false}
  - {source: left, target: left, rule: fixed_indegree, indegree: 2, weight: ${weights[1]}, delay: 1 ms, allow_multapses: false}
recordings:
${RECORDINGS}
`;

withPeer(lava, (python) => {
  it('two chips in a closed loop with a worker: the spikes of Lava alone', async () => {
    const run = await runCut(chips('lava', '{du: 800, dv: 300, vth: 90}', [20, 26, -18]), python);
    expectAlone(lava, 'alone_lava.py', run, 20, ['left', 'right']);
  });

  it('weights that the chip would round are an error that names the projection', async () => {
    ran++;
    const text = chips('lava', '{du: 800, dv: 300, vth: 90}', [20, 26, -18]).replace(
      'weight: -18',
      'weight: 18.5',
    );
    await expect(runCut(text, python).then(({ result }) => result.outcome)).resolves.toMatchObject({
      state: 'failed',
      failure: { message: expect.stringMatching(/weight: found 18.5, expected/) },
    });
  });
});

withPeer(akida, (python) => {
  it('two chips in a closed loop with a worker: the spikes of akida alone', async () => {
    const run = await runCut(chips('akida', '{threshold: 3}', [3, 2, -2]), python);
    expectAlone(akida, 'alone_akida.py', run, 20, ['left', 'right']);
  });

  it('a layer that an AKD1000 has no room for is an error that says so', async () => {
    ran++;
    const text = chips('akida', '{threshold: 3}', [3, 2, -2]).replace('size: 20', 'size: 60000');
    const { result } = await runCut(text, python);
    expect(result.outcome).toMatchObject({
      state: 'failed',
      failure: {
        code: 'ADAPTER_CONSTRAINT',
        message: expect.stringMatching(/populations.left: found .* expected what AKD1000 holds/),
      },
    });
  });
});

describe.skipIf(sdk.missing !== undefined)(`the SDK (${sdk.missing ?? sdk.version})`, () => {
  it.each([
    ['pytest', ['-m', 'pytest', '-q', '-rs']],
    ['types', ['-m', 'mypy']],
    ['format', ['-m', 'ruff', 'format', '--check', '.']],
    ['lint', ['-m', 'ruff', 'check', '.']],
  ])('%s', (_, args) => {
    ran++;
    if ('missing' in sdk.venv) throw new Error(sdk.venv.missing);
    const env = {
      ...process.env,
      PYTHONPATH: PACKAGE,
      PYTHONDONTWRITEBYTECODE: '1',
      NIL_NATS_SERVER: natsServerPath(),
    };
    const { status, stdout, stderr } = spawnSync(sdk.venv.python, args, {
      cwd: PACKAGE,
      encoding: 'utf8',
      env,
    });
    if (args[1] === 'pytest') process.stdout.write(stdout.split('\n').slice(-3).join('\n'));
    expect(`${status} ${status === 0 ? '' : `${stdout}${stderr}`}`.trim()).toBe('0');
    // Everything that its tests need is here.
    expect(stdout).not.toContain('SKIPPED');
  });
});
