import { z } from 'zod';
import { checkOwnName } from '../convert-context.js';
import type { Unit } from '../model.js';
import { oneOf, type Path } from '../place.js';
import { check, closed } from '../schema.js';
import type { LearningWindow, SynapseUse } from '../types.js';
import { parseQuantity, quote } from '../units.js';
import { quantityAt, type Source, timeAt } from '../values.js';
import { synapseModels } from './index.js';
import type { SynapseModelInput, TraceGroupInput } from './input.js';
import { programOf } from './program.js';
import type { SynapseModelSpec, SynapseParameter, TraceGroup } from './spec.js';

const text = z.string({ error: 'text' }).min(1, { error: 'text' });
const numberOrName = z.union([z.number(), text], { error: 'a number or the name of a parameter' });
const variables = z.record(
  z.string(),
  closed(
    { tau: text.optional(), initial: numberOrName.optional(), doc: text.optional() },
    'tau, initial, doc',
  ),
  { error: 'a mapping (name: {tau, initial})' },
);
const group = closed({ variables, on_spike: text }, 'variables, on_spike').optional();
const quantity = z.union([z.number(), text], { error: 'a number, or text with a unit' });

const modelSchema = closed(
  {
    doc: text.optional(),
    reference: text.optional(),
    parameters: z
      .record(
        z.string(),
        z.union(
          [
            quantity,
            closed(
              { unit: text.optional(), default: quantity.optional(), doc: text.optional() },
              'unit, default, doc',
            ),
          ],
          { error: 'a default with its unit, or a mapping (unit, default, doc)' },
        ),
        { error: 'a mapping (parameter: default)' },
      )
      .optional(),
    source: group,
    target: group,
    variables: variables.optional(),
    on_pre: text.optional(),
    on_post: text.optional(),
    transmit: text.optional(),
    bounds: z
      .tuple([numberOrName, numberOrName], { error: 'two ends, numbers or names of parameters' })
      .optional(),
  },
  'parameters, source, target, variables, on_pre, on_post, transmit, bounds',
);

/** The graph's own synapse models; each is parsed here, so that an error has its place. */
export function synapseModelsOf(
  source: Source,
  input: Readonly<Record<string, unknown>> | undefined,
): SynapseModelSpec[] {
  return Object.entries(input ?? {}).map(([name, raw]) => {
    const path: Path = ['synapse_models', name];
    checkOwnName(source.report, path, name, 'synapse model', synapseModels);
    const spec = specOf(
      source,
      path,
      name,
      check(modelSchema, raw, path, source.report) as SynapseModelInput,
    );
    try {
      programOf(spec);
    } catch (error) {
      source.report.fail(path, error instanceof Error ? error.message : quote(error));
    }
    return spec;
  });
}

function specOf(source: Source, path: Path, name: string, input: SynapseModelInput): SynapseModelSpec {
  const parameters = Object.fromEntries(
    Object.entries(input.parameters ?? {}).map(([key, given]) => [
      key,
      parameterOf(source, [...path, 'parameters', key], given),
    ]),
  );
  const { variables: own, on_pre: onPre, on_post: onPost, transmit, bounds } = input;
  return {
    name,
    doc: input.doc ?? '',
    reference: input.reference ?? '',
    parameters,
    ...(input.source === undefined ? {} : { source: groupOf(input.source) }),
    ...(input.target === undefined ? {} : { target: groupOf(input.target) }),
    ...(own === undefined ? {} : { variables: own }),
    ...(onPre === undefined ? {} : { onPre }),
    ...(onPost === undefined ? {} : { onPost }),
    ...(transmit === undefined ? {} : { transmit }),
    ...(bounds === undefined ? {} : { bounds }),
  };
}

function groupOf({ variables: own, on_spike: onSpike }: TraceGroupInput): TraceGroup {
  return { variables: own, onSpike };
}

const UNITS: readonly Unit[] = ['ms', 'mV', 'pA', 'nS', 'pF', 'MOhm', 'Hz'];

function parameterOf(
  source: Source,
  path: Path,
  given: NonNullable<SynapseModelInput['parameters']>[string],
): SynapseParameter {
  if (typeof given === 'number') return { unit: '1', default: given, doc: '' };
  if (typeof given === 'string') {
    const unit = unitOf(given);
    if (unit === undefined) {
      return source.report.fail(
        path,
        `found ${quote(given)}, expected a number, or a quantity with its unit`,
      );
    }
    return { unit, default: parseQuantity(given, unit), doc: '' };
  }
  const { unit = '1', default: value, doc = '' } = given;
  const known = ['1', 'weight', ...UNITS];
  if (!known.includes(unit)) {
    return source.report.fail([...path, 'unit'], `found ${quote(unit)}, expected ${oneOf(unit, known)}`);
  }
  const place = [...path, 'default'];
  if (unit === 'weight') {
    if (typeof value === 'string') {
      return source.report.fail(
        place,
        `found ${quote(value)}, expected a plain number: the target's port has the unit`,
      );
    }
    return { unit, ...(value === undefined ? {} : { default: value }), doc };
  }
  const own = unit as Unit;
  return {
    unit: own,
    ...(value === undefined ? {} : { default: quantityAt(source, place, value, own) }),
    doc,
  };
}

function unitOf(given: string): Unit | undefined {
  return UNITS.find((unit) => {
    try {
      parseQuantity(given, unit);
      return true;
    } catch {
      return false;
    }
  });
}

const useSchema = z.union([text, z.record(z.string(), z.unknown())], {
  error: 'the name of a synapse model, or a mapping (model, its parameters, learning)',
});

/** @param weightUnit Of the port that the synapses end at */
export function synapseUseOf(
  source: Source,
  path: Path,
  raw: unknown,
  models: readonly SynapseModelSpec[],
  weightUnit: Unit,
): SynapseUse {
  const { report } = source;
  const given = check(useSchema, raw, path, report);
  const { model, learning, ...rest } = typeof given === 'string' ? { model: given } : given;
  const names = [...models.map(({ name }) => name), ...synapseModels.keys()];
  const spec = models.find(({ name }) => name === model) ?? synapseModels.get(String(model));
  if (spec === undefined) {
    const found = model === undefined ? 'nothing' : quote(model);
    return report.fail([...path, 'model'], `found ${found}, expected ${oneOf(model, names)}`);
  }
  const params = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => {
      if (!Object.hasOwn(spec.parameters, name)) {
        const known = oneOf(name, ['learning', ...Object.keys(spec.parameters)]);
        return report.fail([...path, name], `found no such parameter of ${spec.name}, expected ${known}`);
      }
      const { unit } = spec.parameters[name];
      return [name, quantityAt(source, [...path, name], value, unit === 'weight' ? weightUnit : unit)];
    }),
  );
  return {
    model: spec.name,
    params,
    ...(learning === undefined ? {} : { learning: windowsOf(source, [...path, 'learning'], learning) }),
  };
}

const windowsSchema = z.array(z.array(z.unknown()).min(1).max(2), {
  error: 'a list of windows, [begin, end] or [begin]',
});

function windowsOf(source: Source, path: Path, raw: unknown): LearningWindow[] {
  return check(windowsSchema, raw, path, source.report).map((window, i) => ({
    beginNs: timeAt(source, [...path, i, 0], window[0]),
    endNs: window.length === 1 ? Number.POSITIVE_INFINITY : timeAt(source, [...path, i, 1], window[1]),
  }));
}
