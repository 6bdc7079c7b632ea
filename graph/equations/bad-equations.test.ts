import { describe, expect, it } from 'vitest';
import { NilError } from '../errors.js';
import { parseGraph } from '../file.js';

/** A model that is right, in which each case changes a thing. */
const MODEL = {
  parameters:
    'parameters: {tau: 10 ms, E_L: -70 mV, C: 250 pF, V_th: -55 mV, t_ref: 2 ms, I_e: 0 pA, tau_s: 2 ms}',
  state: 'state: {V: E_L}',
  ports: 'ports: {ex: {kind: exponential, tau: tau_s}}',
  equations:
    'equations: |\n      dV/dt = (E_L - V) / tau + (I_ex + I_e + I_stim) / C : mV (unless refractory)',
  threshold: 'threshold: V >= V_th',
  reset: 'reset: V = E_L',
  refractory: 'refractory: t_ref',
};

function graph(change: Partial<Record<keyof typeof MODEL | 'more', string>>, params = '{}'): string {
  const lines = Object.values({ ...MODEL, ...change }).filter((line) => line !== '');
  return `nil: 1\nmodels:\n  lif:\n    ${lines.join('\n    ')}\npopulations:\n  p: {model: lif, size: 2, params: ${params}}\n`;
}

const equations = (text: string) => ({ equations: `equations: |\n      ${text}` });
const LIF = 'dV/dt = (E_L - V) / tau + (I_ex + I_e + I_stim) / C : mV (unless refractory)';

const CASES: readonly (readonly [what: string, text: string, expected: string])[] = [
  [
    'a term of another unit',
    graph(equations('dV/dt = (E_L - V) / tau + I_ex + 0 * (I_e + I_stim) / C : mV (unless refractory)')),
    "models.lif.equations: line 1: 'I_ex' is in pA, expected mV/ms to be added to '(E_L - V) / tau'",
  ],
  [
    'a right side of another unit',
    graph(
      equations('dV/dt = (E_L - V) * tau + 0*(I_ex + I_e + I_stim) / C * tau * tau: mV (unless refractory)'),
    ),
    'expected mV/ms for dV/dt',
  ],
  [
    'a comparison of other units',
    graph({ threshold: 'threshold: V >= C' }),
    "models.lif.threshold: 'C' is in pF, expected mV to compare with 'V'",
  ],
  [
    'a number where a unit is needed',
    graph({ threshold: 'threshold: V >= -55' }),
    "models.lif.threshold: '-55' is a plain number, expected mV to compare with 'V'",
  ],
  [
    'a value of the step before, shown as it is written',
    graph({ threshold: 'threshold: V - before(V) >= C' }),
    "models.lif.threshold: 'C' is in pF, expected mV to compare with 'V - before(V)'",
  ],
  [
    'an argument with a unit',
    graph(equations(`${LIF}\n      x = exp(V) : 1`)),
    "models.lif.equations: line 2: 'V' is in mV, expected a plain number, as the argument of exp",
  ],
  [
    'a reset of another unit',
    graph({ reset: 'reset: V = tau' }),
    "models.lif.reset: line 1: 'tau' is in ms, expected mV, the unit of V",
  ],
  [
    'an unknown name',
    graph(equations('dV/dt = (E_l - V) / tau + 0*(I_ex + I_e + I_stim) / C : mV (unless refractory)')),
    "models.lif.equations: line 1: found unknown name 'E_l', expected one of",
  ],
  [
    'an unknown name, with the nearest',
    graph(equations('dV/dt = (E_l - V) / tau + 0*(I_ex + I_e + I_stim) / C : mV (unless refractory)')),
    "(did you mean 'E_L'?)",
  ],
  [
    'a cycle',
    graph(equations(`${LIF}\n      a = b + 1 : 1\n      b = 2 * a : 1`)),
    'models.lif.equations: line 2: found a cycle, a -> b -> a, expected formulas',
  ],
  [
    'an unknown function',
    graph(equations(`${LIF}\n      a = expp(1) : 1`)),
    "models.lif.equations: line 2: found function 'expp', expected one of",
  ],
  [
    'a missing parenthesis',
    graph(equations('dV/dt = (E_L - V / tau : mV')),
    'models.lif.equations: line 1: found',
  ],
  [
    'no equation',
    graph(equations('dV/dt == 3')),
    "models.lif.equations: line 1: found 'dV/dt == 3', expected 'dX/dt = formula : unit'",
  ],
  [
    'no unit behind a rate',
    graph(equations('dV/dt = (E_L - V) / tau')),
    "models.lif.equations: line 1: found dV/dt without a unit, expected ': mV'",
  ],
  [
    'an unknown unit',
    graph(equations('dV/dt = (E_L - V) / tau : volts')),
    "models.lif.equations: line 1: found unit 'volts', expected one such as 'mV'",
  ],
  [
    'a parameter with an unknown unit',
    graph({ parameters: MODEL.parameters.replace('10 ms', '10 msec') }),
    "models.lif.parameters.tau: found unit 'msec'",
  ],
  [
    'a parameter that nothing needs',
    graph({ parameters: MODEL.parameters.replace('{', '{spare: 1 ms, ') }),
    'models.lif.parameters.spare: found no use of it in the model',
  ],
  [
    'a name that has a meaning already',
    graph({ parameters: MODEL.parameters.replace('{', '{spike: 1 ms, ') }),
    "models.lif.parameters.spike: found the name 'spike', which has a meaning already",
  ],
  [
    'the same name twice',
    graph(equations(`${LIF}\n      tau = 1 ms : ms`)),
    "models.lif.equations: line 2: found the name 'tau' again, expected another",
  ],
  [
    'a threshold that is no condition',
    graph({ threshold: 'threshold: V - V_th' }),
    "models.lif.threshold: found 'V - V_th', expected a condition such as 'V_m >= V_th'",
  ],
  [
    'a reset of a parameter',
    graph({ reset: 'reset: tau = 1 ms' }),
    "models.lif.reset: line 1: found 'tau = …', expected a state variable",
  ],
  [
    'a refractory period that is no time',
    graph({ refractory: 'refractory: C' }),
    "models.lif.refractory: 'C' is in pF, expected ms",
  ],
  [
    'a reset without a threshold',
    graph({ threshold: '', refractory: '' }),
    'models.lif.reset: found it without a threshold, expected a threshold',
  ],
  [
    'unless refractory without a refractory period',
    graph({ refractory: '' }),
    'models.lif.equations: line 1: found (unless refractory), expected refractory',
  ],
  [
    'a method that can not do it',
    graph({
      ...equations(
        'dV/dt = (E_L - V) * abs(V - E_L) / tau / 1 mV + (I_ex + I_e + I_stim) / C : mV (unless refractory)',
      ),
      more: 'method: exact',
    }),
    'models.lif.method: found method exact, but dV/dt is not linear in the state variables',
  ],
  [
    'noise with a method that has none',
    graph({
      ...equations(
        `dV/dt = (E_L - V) / tau + (I_ex + I_e + I_stim) / C + 1 mV / sqrt(tau) * xi : mV (unless refractory)`,
      ),
      more: 'method: rk4',
    }),
    'models.lif.method: found method rk4 and a noise term xi',
  ],
  [
    'noise that is no term',
    graph(
      equations(
        'dV/dt = (E_L - V) / tau + (I_ex + I_e + I_stim) / C + 1 mV * xi * xi : mV (unless refractory)',
      ),
    ),
    'models.lif.equations: line 1:',
  ],
  [
    'a port into nothing',
    graph({
      ports: 'ports: {ex: {kind: delta, into: U}}',
      ...equations('dV/dt = (E_L - V) / tau + (I_e + I_stim) / C * (tau_s / tau) : mV (unless refractory)'),
    }),
    "models.lif.ports.ex.into: found 'U', expected a state variable: V",
  ],
  [
    'a port without its time',
    graph({ ports: 'ports: {ex: {kind: alpha}}' }),
    'models.lif.ports.ex.tau: found nothing, expected a time',
  ],
  [
    'a key of another kind of port',
    graph({ ports: 'ports: {ex: {kind: exponential, tau: tau_s, into: V}}' }),
    'models.lif.ports.ex.into: found it at a port of kind exponential',
  ],
  [
    'an unknown key',
    graph({ more: 'treshold: V > E_L' }),
    'models.lif.treshold: found an unknown key, expected',
  ],
  [
    'the name of a library model',
    graph({}).replaceAll('lif', 'izhikevich'),
    "models.izhikevich: found 'izhikevich', which is a model of the library",
  ],
  [
    'division by a parameter that is 0',
    graph({}, '{tau: 0 ms}'),
    'populations.p.params: found tau = 0, expected another value: it is divided by',
  ],
  [
    'a parameter of another unit',
    graph({}, '{tau: 3 mV}'),
    "populations.p.params.tau: found '3 mV' (a voltage), expected a time",
  ],
  [
    'an initial value of another unit',
    graph({ state: 'state: {V: tau}' }),
    "models.lif.state.V: 'tau' is in ms, expected mV",
  ],
  ['a text without end', graph(equations(`${LIF}\n      a = ${'('.repeat(300)}1 : 1`)), 'levels of nesting'],
];

describe('bad equations', () => {
  it.each(CASES)('%s is one line with its place', (_, text, expected) => {
    let error: unknown;
    try {
      parseGraph(text, 'net.nil.yaml');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(NilError);
    const { message, exitStatus } = error as NilError;
    expect(message).toContain(expected);
    expect(message).toMatch(/^net\.nil\.yaml:\d+: /);
    expect(message).not.toContain('\n');
    expect(exitStatus).toBe(2);
  });

  it('and the model that they change is right', () => {
    expect(parseGraph(graph({}), 'net.nil.yaml').models).toHaveProperty('lif');
    expect(CASES.length).toBeGreaterThanOrEqual(25);
  });
});
