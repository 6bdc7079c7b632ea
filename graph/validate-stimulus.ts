import { kernelOf } from './kernel/check.js';
import type { ModelSpec } from './model.js';
import { modelOf } from './models/index.js';
import type { Path } from './place.js';
import type { Population, Stimulus } from './types.js';
import { type GraphContext, populationAt, validateRange } from './validate-context.js';
import { validateReceptor } from './validate-projection.js';
import { validateValue } from './validate-value.js';

/** Target, port, numbers and times of one stimulus. */
export function validateStimulus(context: GraphContext, path: Path, stimulus: Stimulus): void {
  const { report } = context;
  const target = populationAt(context, [...path, 'target'], stimulus.target);
  const model = modelOf(target.model, context.graph) as ModelSpec;
  if (stimulus.kind === 'spikes') {
    if (model.source !== 'spikes') {
      report.fail(
        [...path, 'target'],
        `found '${target.name}' of ${model.name}, expected a population of spike_source`,
      );
    }
    validateSpikes(context, path, stimulus, target);
    return;
  }
  if (model.source !== undefined) {
    report.fail(
      [...path, 'target'],
      `found '${target.name}' of ${model.name}, expected a population that takes input`,
    );
  }
  switch (stimulus.kind) {
    case 'poisson':
      validatePoisson(context, path, stimulus, target);
      return;
    case 'inhomogeneous_poisson':
      validateInhomogeneousPoisson(context, path, stimulus, target);
      return;
    case 'ac_current':
      validateTakesCurrent(context, path, target, model);
      validateRange(report, path, stimulus.range, target);
      validateAcCurrent(context, path, stimulus);
      return;
    case 'step_current':
      validateTakesCurrent(context, path, target, model);
      validateRange(report, path, stimulus.range, target);
      validateStepCurrent(context, path, stimulus);
      return;
    case 'noise_current':
      validateTakesCurrent(context, path, target, model);
      validateRange(report, path, stimulus.range, target);
      validateValue(report, [...path, 'mean'], stimulus.mean, { unit: '1' }, 1, 'neuron');
      validateValue(report, [...path, 'std'], stimulus.std, { unit: '1', min: 0 }, 1, 'neuron');
      validateTime(context, [...path, 'interval'], stimulus.intervalNs, 1);
      return;
  }
}

/** A current that nothing reads would be silence. What an adapter's neurons do with one is the plug-in's to say. */
function validateTakesCurrent(
  { report }: GraphContext,
  path: Path,
  target: Population,
  model: ModelSpec,
): void {
  if (model.external === true || kernelOf(model).usesCurrent) return;
  const own =
    model.ports.length === 0
      ? ''
      : ` (events reach it by ${model.ports.map(({ name }) => `'${name}'`).join(', ')})`;
  report.fail(
    [...path, 'target'],
    `found '${target.name}' of ${model.name}, which reads no current, expected a model with I_stim in its equations${own}`,
  );
}

function validateAcCurrent(
  context: GraphContext,
  path: Path,
  stimulus: Extract<Stimulus, { kind: 'ac_current' }>,
): void {
  const { report } = context;
  const { amplitude, offset, frequencyHz, phaseDeg } = stimulus;
  validateValue(report, [...path, 'amplitude'], amplitude, { unit: '1' }, 1, 'neuron');
  validateValue(report, [...path, 'offset'], offset, { unit: '1' }, 1, 'neuron');
  validateValue(report, [...path, 'frequency'], frequencyHz, { unit: 'Hz', min: 0 }, 1, 'neuron');
  validateValue(report, [...path, 'phase'], phaseDeg, { unit: '1' }, 1, 'neuron');
  validateActive(context, path, stimulus);
}

function validateInhomogeneousPoisson(
  context: GraphContext,
  path: Path,
  { receptor, timesNs, ratesHz, weight, delayNs }: Extract<Stimulus, { kind: 'inhomogeneous_poisson' }>,
  target: Population,
): void {
  const { report } = context;
  validateReceptor(context, path, receptor, target);
  validateTable(context, path, timesNs, 'rates', ratesHz, 1);
  for (let i = 0; i < ratesHz.length; i++) {
    if (ratesHz[i] < 0) report.fail([...path, 'rates', i], `found ${ratesHz[i]} Hz, expected at least 0 Hz`);
  }
  validateValue(report, [...path, 'weight'], weight, { unit: '1' }, 1, 'neuron');
  validateTime(context, [...path, 'delay'], delayNs, 0);
}

function validatePoisson(
  context: GraphContext,
  path: Path,
  stimulus: Extract<Stimulus, { kind: 'poisson' }>,
  target: Population,
): void {
  const { report } = context;
  validateReceptor(context, path, stimulus.receptor, target);
  validateValue(report, [...path, 'rate'], stimulus.rateHz, { unit: 'Hz', min: 0 }, target.size, 'neuron');
  validateValue(report, [...path, 'weight'], stimulus.weight, { unit: '1' }, 1, 'neuron');
  validateTime(context, [...path, 'delay'], stimulus.delayNs, 0);
  validateActive(context, path, stimulus);
}

function validateActive(
  context: GraphContext,
  path: Path,
  { startNs, stopNs }: { readonly startNs?: number; readonly stopNs?: number },
): void {
  const { report } = context;
  if (startNs !== undefined) validateTime(context, [...path, 'start'], startNs, 0);
  if (stopNs !== undefined) validateTime(context, [...path, 'stop'], stopNs, 0);
  if ((stopNs ?? Infinity) < (startNs ?? 0)) {
    report.fail([...path, 'stop'], `found ${stopNs} ns before start, ${startNs} ns, expected start <= stop`);
  }
}

function validateStepCurrent(
  context: GraphContext,
  path: Path,
  { timesNs, amplitudes }: Extract<Stimulus, { kind: 'step_current' }>,
): void {
  validateTable(context, path, timesNs, 'amplitudes', amplitudes, 0);
}

/** Ascending times, each with a finite number. */
function validateTable(
  { report }: GraphContext,
  path: Path,
  timesNs: Float64Array,
  field: string,
  numbers: Float64Array,
  least: 0 | 1,
): void {
  if (timesNs.length !== numbers.length) {
    report.fail(
      [...path, field],
      `found ${numbers.length} elements, expected ${timesNs.length}, one for each time`,
    );
  }
  for (let i = 0; i < timesNs.length; i++) {
    const ns = timesNs[i];
    if (!Number.isSafeInteger(ns) || ns < least) {
      const legal = least === 0 ? 'of at least' : 'above';
      report.fail([...path, 'times', i], `found ${ns} ns, expected a time ${legal} 0`);
    }
    if (i > 0 && ns <= timesNs[i - 1]) {
      report.fail(
        [...path, 'times', i],
        `found ${ns} ns after ${timesNs[i - 1]} ns, expected ascending times`,
      );
    }
    if (!Number.isFinite(numbers[i])) {
      report.fail([...path, field, i], `found ${numbers[i]}, expected a finite number`);
    }
  }
}

function validateSpikes(
  { report }: GraphContext,
  path: Path,
  { timesNs, neurons, values }: Extract<Stimulus, { kind: 'spikes' }>,
  target: Population,
): void {
  for (const [field, list] of [
    ['neurons', neurons],
    ['values', values],
  ] as const) {
    if (list === undefined || list.length === timesNs.length) continue;
    report.fail(
      [...path, field],
      `found ${list.length} elements, expected ${timesNs.length}, one for each time`,
    );
  }
  for (let i = 0; i < timesNs.length; i++) {
    const ns = timesNs[i];
    if (!Number.isSafeInteger(ns) || ns <= 0) {
      report.fail([...path, 'times'], `found a spike at ${ns} ns, expected times above 0`);
    }
    if (neurons[i] >= target.size) {
      report.fail(
        [...path, 'neurons'],
        `found ${neurons[i]}, expected below ${target.size}, the size of '${target.name}'`,
      );
    }
    if (i > 0 && (ns < timesNs[i - 1] || (ns === timesNs[i - 1] && neurons[i] < neurons[i - 1]))) {
      report.fail([...path, 'times'], `found event ${i} out of order, expected order of (time, neuron)`);
    }
    if (values !== undefined && !Number.isFinite(values[i])) {
      report.fail([...path, 'values'], `found ${values[i]} at event ${i}, expected finite numbers (float32)`);
    }
  }
}

function validateTime({ report }: GraphContext, path: Path, ns: number, least: 0 | 1): void {
  if (Number.isSafeInteger(ns) && ns >= least) return;
  report.fail(path, `found ${ns} ns, expected a time ${least === 0 ? 'of at least' : 'above'} 0`);
}
