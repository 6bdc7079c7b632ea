import { z } from 'zod';
import type { NumbersInput, QuantityInput, RangeInput, ValueInput } from './document.js';
import { METHODS } from './equations/document.js';
import { oneOf, type Path, type Reporter } from './place.js';
import { quote } from './units.js';

/**
 * The structure of a graph document: which keys there are and what kind of thing each holds. Every schema's message says what is expected;
 * `check` puts what was found before it. What a quantity means (units, bounds) is `values.ts`; what a graph means is `validate.ts`.
 */

const text = (what = 'text') => z.string({ error: what }).min(1, { error: what });
const whole = (least: number, what: string) => z.int({ error: what }).min(least, { error: what });
const flag = z.boolean({ error: 'true or false' });
/** Something has to be there; what it is, is checked when it is converted. */
const present = <T>(what: string) =>
  z.custom<T>((value) => value !== undefined && value !== null, { error: what });

/** A mapping with these keys and no others. */
export function closed<S extends z.core.$ZodLooseShape>(shape: S, what: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? oneOf(issue.keys?.[0], Object.keys(shape)) : `a mapping (${what})`,
  });
}

const mapping = <V extends z.ZodType>(value: V, what: string) =>
  z.record(z.string(), value, { error: `a mapping (${what})` });
const list = <V extends z.ZodType>(element: V, what: string) =>
  z.array(element, { error: `a list of ${what}` });
const anything = z.unknown();

const quantity = present<QuantityInput>('a quantity with its unit');
const value = present<ValueInput>('a number, a list or a distribution');
const numbers = present<NumbersInput>('a list of numbers, or {file: …}');
const range = z
  .tuple([whole(0, 'a neuron number'), whole(0, 'a neuron number')], {
    error: 'two neuron numbers, [begin, end)',
  })
  .transform((pair): RangeInput => pair)
  .optional();
const extents = list(whole(1, 'a whole number of at least 1'), 'whole numbers');

export const graphSchema = closed(
  {
    nil: z.literal(1, { error: '1 (the version of the format)' }),
    name: text().optional(),
    description: text().optional(),
    metadata: mapping(z.string({ error: 'text' }), 'name: text').optional(),
    defaults: closed(
      {
        dt: quantity.optional(),
        duration: quantity.optional(),
        seed: whole(0, 'a whole number from 0 to 2^53 - 1').optional(),
      },
      'dt, duration, seed',
    ).optional(),
    models: mapping(anything, 'name: {equations, …}').optional(),
    synapse_models: mapping(anything, 'name: {on_pre, …}').optional(),
    populations: mapping(anything, 'name: {model, size, …}'),
    projections: list(anything, 'projections').optional(),
    stimuli: list(anything, 'stimuli').optional(),
    recordings: list(anything, 'recordings').optional(),
    adapters: mapping(
      z.looseObject(
        { kind: text('the kind of an adapter (nil adapter list)') },
        { error: 'a mapping (kind, …)' },
      ),
      'name: {kind, …}',
    ).optional(),
    placement: mapping(text('the name of a federate'), 'population: federate').optional(),
  },
  'nil, name, populations, …',
);

const formula = text('a formula, as text');
const scalar = z.union([z.string().min(1), z.number()], {
  error: 'a quantity with its unit, or a plain number',
});
/** A formula may be a plain number in YAML. */
const formulaOrNumber = z.union([z.string().min(1), z.number()], { error: 'a formula' });

export const modelSchema = closed(
  {
    doc: text().optional(),
    reference: text().optional(),
    parameters: mapping(
      z.union(
        [
          scalar,
          closed(
            {
              default: scalar.optional(),
              unit: text('a unit').optional(),
              min: scalar.optional(),
              max: scalar.optional(),
              above: scalar.optional(),
              below: scalar.optional(),
              doc: text().optional(),
            },
            'default, unit, min, max, above, below, doc',
          ),
        ],
        { error: 'a quantity, or {default, unit, min, max, above, below, doc}' },
      ),
      'parameter: quantity',
    ).optional(),
    state: mapping(
      z.union(
        [
          scalar,
          closed(
            { initial: formulaOrNumber, unit: text('a unit').optional(), doc: text().optional() },
            'initial, unit, doc',
          ),
        ],
        { error: 'a quantity or formula, or {initial, unit, doc}' },
      ),
      'state variable: value at time 0',
    ).optional(),
    ports: mapping(
      closed(
        {
          kind: z.enum(['delta', 'exponential', 'alpha', 'beta'], {
            error: 'one of delta, exponential, alpha, beta',
          }),
          into: text().optional(),
          unit: text('a unit').optional(),
          tau: formula.optional(),
          tau_rise: formula.optional(),
          tau_decay: formula.optional(),
          reversal: formula.optional(),
          variable: text().optional(),
          negative: flag.optional(),
          doc: text().optional(),
        },
        'kind, into, unit, tau, tau_rise, tau_decay, reversal, variable, negative, doc',
      ),
      'port: {kind, …}',
    ).optional(),
    port_by_sign: flag.optional(),
    current: text('a unit').optional(),
    equations: text('equations, as text'),
    each_step: formula.optional(),
    threshold: formula.optional(),
    threshold_at: z.enum(['step', 'substep'], { error: "'step' or 'substep'" }).optional(),
    reset: formula.optional(),
    refractory: formula.optional(),
    method: z.enum(METHODS, { error: `one of ${METHODS.join(', ')}` }).optional(),
    tolerance: formulaOrNumber.optional(),
    relative_tolerance: formulaOrNumber.optional(),
  },
  'parameters, state, ports, equations, threshold, reset, refractory, …',
);

export const populationSchema = closed(
  {
    model: text('the name of a model'),
    size: whole(1, 'a whole number of at least 1').optional(),
    shape: extents.min(1, { error: 'a list of whole numbers' }).optional(),
    params: mapping(value, 'parameter: value').optional(),
    initial: mapping(value, 'state variable: value').optional(),
    placement: text('the name of a federate').optional(),
  },
  'model, size or shape, params, initial, placement',
);

const ends = {
  name: text().optional(),
  source: text('the name of a population'),
  target: text('the name of a population'),
  delay: value,
  receptor: text('the name of a port').optional(),
  synapse: anything.optional(),
  allow_autapses: flag.optional(),
  allow_multapses: flag.optional(),
};
const weighted = { ...ends, weight: value };
const selfWeighted = {
  ...ends,
  weight: z.number({ error: 'a plain number, the factor on the matrix or kernel' }).optional(),
};
const rule = text();
const count = whole(0, 'a whole number of at least 0');
const probability = z.number({ error: 'a number from 0 to 1' });
const extent = whole(0, 'a whole number of at least 0');
const perDimension = z
  .union([extent, list(extent, 'whole numbers')], { error: 'a whole number, or a list of one per dimension' })
  .optional();
const conv = closed(
  {
    kernel: numbers,
    stride: perDimension,
    padding: z
      .union([extent, list(extent, 'whole numbers'), z.enum(['same', 'valid'])], {
        error: "a whole number, a list of one per dimension, 'same' or 'valid'",
      })
      .optional(),
    dilation: perDimension,
    groups: whole(1, 'a whole number of at least 1').optional(),
  },
  'kernel, stride, padding, dilation, groups',
);

/** By the name after `rule:`, or by the block that stands for it (`pairs:`, `dense:`, `conv1d:`, `conv2d:`). */
export const projectionSchemas = {
  all_to_all: closed({ ...weighted, rule }, 'a projection'),
  one_to_one: closed({ ...weighted, rule }, 'a projection'),
  fixed_probability: closed({ ...weighted, rule, p: probability }, 'a projection'),
  pairwise_bernoulli: closed({ ...weighted, rule, p: probability }, 'a projection'),
  fixed_indegree: closed({ ...weighted, rule, indegree: count }, 'a projection'),
  fixed_outdegree: closed({ ...weighted, rule, outdegree: count }, 'a projection'),
  fixed_total_number: closed({ ...weighted, rule, N: count }, 'a projection'),
  pairs: closed(
    { ...weighted, pairs: closed({ sources: numbers, targets: numbers }, 'sources, targets') },
    'a projection',
  ),
  dense: closed({ ...selfWeighted, dense: closed({ matrix: numbers }, 'matrix') }, 'a projection'),
  conv1d: closed({ ...selfWeighted, conv1d: conv }, 'a projection'),
  conv2d: closed({ ...selfWeighted, conv2d: conv }, 'a projection'),
} as const;

/** Blocks that carry their synapses, in place of a rule's name. */
export const BLOCKS = ['pairs', 'dense', 'conv1d', 'conv2d'] as const;

const stimulus = { name: text().optional(), target: text('the name of a population') };

export const stimulusSchemas = {
  poisson: closed(
    {
      ...stimulus,
      kind: text(),
      rate: value,
      weight: quantity,
      delay: quantity,
      receptor: text('the name of a port').optional(),
      start: quantity.optional(),
      stop: quantity.optional(),
    },
    'a stimulus',
  ),
  inhomogeneous_poisson: closed(
    {
      ...stimulus,
      kind: text(),
      times: numbers,
      rates: numbers,
      weight: quantity,
      delay: quantity,
      receptor: text('the name of a port').optional(),
    },
    'a stimulus',
  ),
  ac_current: closed(
    {
      ...stimulus,
      kind: text(),
      amplitude: quantity,
      frequency: quantity,
      offset: quantity.optional(),
      phase: quantity.optional(),
      start: quantity.optional(),
      stop: quantity.optional(),
      range,
    },
    'a stimulus',
  ),
  step_current: closed(
    { ...stimulus, kind: text(), times: numbers, amplitudes: numbers, range },
    'a stimulus',
  ),
  noise_current: closed(
    { ...stimulus, kind: text(), mean: quantity, std: quantity, interval: quantity, range },
    'a stimulus',
  ),
  spikes: closed(
    { ...stimulus, kind: text(), times: numbers, neurons: numbers, values: numbers.optional() },
    'a stimulus',
  ),
} as const;

export const recordingSchemas = {
  spikes: closed({ kind: text(), population: text('the name of a population'), range }, 'a recording'),
  state: closed(
    {
      kind: text(),
      population: text('the name of a population'),
      variables: z.union([text(), list(text(), 'names').min(1, { error: 'at least one name' })], {
        error: 'the name of a state variable, or a list',
      }),
      every: quantity.optional(),
      range,
    },
    'a recording',
  ),
  weights: closed(
    {
      kind: text(),
      projection: text('the name of a projection'),
      every: quantity.optional(),
      at: numbers.optional(),
      spikes: flag.optional(),
      range,
    },
    'a recording',
  ),
} as const;

export const normalSchema = closed(
  { mean: quantity, std: quantity, min: quantity.optional(), max: quantity.optional() },
  'mean, std, min, max',
);
export const lognormalSchema = closed(
  {
    mu: z.number({ error: 'a plain number' }),
    sigma: z.number({ error: 'a plain number' }),
    unit: text('a unit').optional(),
    min: quantity.optional(),
    max: quantity.optional(),
  },
  'mu, sigma, unit, min, max',
);
export const uniformSchema = closed({ low: quantity, high: quantity }, 'low, high');
export const unitValuesSchema = closed({ values: numbers, unit: text('a unit').optional() }, 'values, unit');
export const fileSchema = closed(
  {
    file: text('the path of a .npy or .csv file'),
    column: z.union([text(), count], { error: 'the name or number (from 0) of a column' }).optional(),
    unit: text('a unit').optional(),
  },
  'file, column, unit',
);

/** `data` as the schema's type; the first thing that is wrong is reported at its place. */
export function check<T>(schema: z.ZodType<T>, data: unknown, path: Path, report: Reporter): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  // A misspelt key is also a missing one: the unknown key says more.
  const issues = result.error.issues;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const place = [...path, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    return report.fail([...place, issue.keys[0]], `found an unknown key, expected ${issue.message}`);
  }
  return report.fail(place, `found ${quote(valueAt(data, issue.path))}, expected ${issue.message}`);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let found = data;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}
