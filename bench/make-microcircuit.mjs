/**
 * Writes examples/microcircuit.nil.yaml from bench/networks/microcircuit.ts, where its figures are.
 *
 *     npm run build && node bench/make-microcircuit.mjs
 */
import { writeFileSync } from 'node:fs';
import { microcircuitInput } from '../dist/bench/networks/microcircuit.js';

const { name, metadata, defaults, populations, projections, stimuli } = microcircuitInput(1);
const flow = (value) =>
  typeof value === 'object'
    ? `{${Object.entries(value)
        .map(([key, entry]) => `${key}: ${flow(entry)}`)
        .join(', ')}}`
    : String(value);
const entries = Object.entries(populations);
const synapses = projections.reduce((sum, { N }) => sum + N, 0);
const neurons = entries.reduce((sum, [, { size }]) => sum + size, 0);
const [{ params, initial, model }] = entries.map(([, population]) => population);

const text = `# The cortical microcircuit under 1 mm² of early sensory cortex: ${neurons.toLocaleString('en')} neurons, ${synapses.toLocaleString('en')} synapses.
#
# Potjans, T. C. & Diesmann, M. (2014) The cell-type specific cortical microcircuit: relating structure and activity in a full-scale
# spiking network model. Cerebral Cortex 24(3):785-806. https://doi.org/${metadata.doi}
#
# The article can be read at https://pmc.ncbi.nlm.nih.gov/articles/PMC3920768. Only its published figures are used, as NEST's example
# Potjans_2014 reads them: facts, which no licence covers. Nothing of the article's text or of NEST's code (GPL-2.0-or-later) is in
# this file, which is under the Apache License 2.0 like the rest of this project.
#
# A projection has ln(1 - p) / ln(1 - 1 / (N_source N_target)) synapses, p its connection probability. A weight is the current that
# moves V_m by 0.15 mV at its peak, 87.8 pA, with a spread of 10 %; inhibitory weights are 4 times as strong, those from L4E to L23E
# twice. A drawn delay below 0.1 ms is 0.1 ms (NEST draws it again).
#
# Full scale needs about 2 GB of memory in all. Less: nil bench microcircuit --scale 0.1
#
# Made by bench/make-microcircuit.mjs.
nil: 1
name: ${name}
metadata: ${JSON.stringify(metadata)
  .replace(/"(\w+)":/g, '$1: ')
  .replaceAll('",', '", ')}
defaults: ${flow(defaults)}

populations:
${entries
  .map(([key, { size }], i) =>
    i === 0
      ? `  ${key}:
    model: ${model}
    size: ${size}
    params: &neuron ${flow(params)}
    initial: &start ${flow(initial)}`
      : `  ${key}: {model: ${model}, size: ${size}, params: *neuron, initial: *start}`,
  )
  .join('\n')}

projections:
${projections
  .map(
    ({
      source,
      target,
      rule,
      N,
      weight,
      delay,
    }) => `  - {source: ${source}, target: ${target}, rule: ${rule}, N: ${N},
     weight: ${flow(weight)}, delay: ${flow(delay)}}`,
  )
  .join('\n')}

stimuli:
${stimuli.map((stimulus) => `  - ${flow(stimulus)}`).join('\n')}
`;
writeFileSync(new URL('../examples/microcircuit.nil.yaml', import.meta.url), text);
