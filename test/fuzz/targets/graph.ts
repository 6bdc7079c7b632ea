/** Graphs: as bytes between processes, as text in files, and as a client submits them. */
import { create, toBinary } from '@bufbuild/protobuf';
import { prepareRun } from '../../../coordinator/prepare.js';
import { parseGraph } from '../../../graph/file.js';
import { validateGraph } from '../../../graph/validate.js';
import { graphFromBytes, graphToBytes } from '../../../graph/wire.js';
import { SubmitRequestSchema } from '../../../proto/gen/nil/v1/control_pb.js';
import { bytesOf, corpusOf, textOf } from '../corpus.js';
import { mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import { textMutator } from '../mutate/text.js';
import { encode, type Json, parse, treeMutator } from '../mutate/tree.js';
import { mustEqual, type Target } from '../target.js';
import { parsed } from './control.js';
import { goodGraphs, MEMORY_BYTES } from './samples.js';

const mutators = [mutateProtobuf, mutateProtobuf, mutateProtobuf, mutateBytes];

export const graphBytesTarget: Target = {
  name: 'graph-bytes',
  corpus: () => goodGraphs().map(graphToBytes),
  mutators,
  codes: ['GRAPH_BYTES', 'GRAPH_INVALID'],
  run(bytes) {
    const graph = graphFromBytes(bytes);
    mustEqual(
      graphFromBytes(graphToBytes(graph)),
      graph,
      'encoding and decoding it again gives another graph',
    );
    validateGraph(graph, { memoryLimitBytes: MEMORY_BYTES });
  },
};

/** As the coordinator takes it: everything until the run is placed. */
export const submitTarget: Target = {
  name: 'submit',
  corpus: () =>
    goodGraphs().map((graph) =>
      toBinary(
        SubmitRequestSchema,
        create(SubmitRequestSchema, {
          graph: graphToBytes(graph),
          dtNs: 100_000n,
          durationNs: 100_000_000n,
          seed: 1n,
          workers: 2,
          threads: 1,
        }),
      ),
    ),
  mutators,
  codes: ['GRAPH_BYTES', 'GRAPH_INVALID', 'SETTINGS', 'OPTION_INVALID', 'PARTITION'],
  ceilingBytes: (caseBytes) => 2 ** 28 + 64 * caseBytes,
  run(bytes) {
    const request = parsed(SubmitRequestSchema, bytes);
    if (request === undefined) return;
    const graph = graphFromBytes(request.graph);
    validateGraph(graph, { memoryLimitBytes: MEMORY_BYTES });
    const settings = {
      dtNs: Number(request.dtNs),
      durationNs: Number(request.durationNs),
      seed: Number(request.seed),
    };
    prepareRun(graph, settings, {
      workers: request.workers || undefined,
      threads: request.threads || undefined,
      windowSteps: request.windowSteps || undefined,
      creditNs: Number(request.creditNs) || undefined,
      creditBytes: Number(request.creditBytes) || undefined,
      timeoutMs: request.timeoutMs || undefined,
    });
  },
};

const WORDS = [
  ...[
    'nil',
    'populations',
    'projections',
    'stimuli',
    'recordings',
    'defaults',
    'model',
    'size',
    'shape',
    'params',
    'initial',
    'rule',
  ],
  ...[
    'source',
    'target',
    'weight',
    'delay',
    'normal',
    'lognormal',
    'uniform',
    'values',
    'unit',
    'file',
    'pairs',
    'dense',
    'conv2d',
  ],
  ...[
    '20 mV',
    '1.5 ms',
    '8 Hz',
    '250 pF',
    '-65 mV',
    '1 s',
    'exc',
    'input',
    'iaf_psc_exp',
    'iaf_psc_alpha',
    'nir_lif',
    'spike_source',
  ],
  ...[
    '<<: *a',
    '&a',
    '*a',
    '!!binary ',
    '!!float ',
    '!!set',
    '---',
    '...',
    '%YAML 1.1',
    '|',
    '>-',
    '~',
    'yes',
    'null',
    'true',
    'same',
  ],
];

const codes = ['GRAPH_SYNTAX', 'GRAPH_INVALID'];

function read(bytes: Uint8Array, file: string): void {
  const graph = parseGraph(textOf(bytes), file, { memoryLimitBytes: MEMORY_BYTES });
  mustEqual(graphFromBytes(graphToBytes(graph)), graph, 'encoding and decoding it gives another graph');
}

export const yamlTarget: Target = {
  name: 'yaml',
  corpus: () => corpusOf('yaml'),
  mutators: [textMutator(WORDS)],
  codes,
  run: (bytes) => read(bytes, 'case.nil.yaml'),
};

const ODD: readonly Json[] = [
  ...[
    '',
    '1',
    '1 mV',
    '1 ms',
    '-1 ms',
    '1e400 pA',
    'exc',
    'toString',
    '0 ms',
    'same',
    '1e15 s',
    '\u001b[31m',
    'a\nb',
    '__proto__',
  ],
  ...[
    null,
    true,
    false,
    {},
    [],
    [[]],
    [1],
    [1, [2]],
    { values: [1, 2], unit: 'ms' },
    { file: 'x.npy' },
    { file: '../../x.csv', column: 3 },
  ],
  ...[
    { normal: { mean: '1 ms', std: '1 ms' } },
    { uniform: { low: '0 ms', high: '1 ms' } },
    { lognormal: { mu: 1, sigma: 1, unit: 'ms' } },
  ],
];

/** JSON is read as YAML: trees of values that YAML's syntax can't break. */
export const jsonTarget: Target = {
  name: 'json',
  corpus: async () => {
    const yaml = await import('yaml');
    return corpusOf('yaml').flatMap((bytes) => {
      try {
        const text = JSON.stringify(yaml.parse(textOf(bytes)));
        return text === undefined || parse(bytesOf(text)) === undefined
          ? []
          : [encode(JSON.parse(text) as Json)];
      } catch {
        return [];
      }
    });
  },
  mutators: [treeMutator(ODD)],
  codes,
  run: (bytes) => read(bytes, 'case.json'),
};
