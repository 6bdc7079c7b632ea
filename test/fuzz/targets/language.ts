/** Small languages: the kernels of models, and quantities with units. */

import { InputError } from '../../../graph/errors.js';
import { kernelOf } from '../../../graph/kernel/check.js';
import { parseKernel } from '../../../graph/kernel/parse.js';
import type { ModelSpec } from '../../../graph/model.js';
import { models } from '../../../graph/models/index.js';
import { parseQuantity, parseTimeNs, type QuantityUnit, unitScale } from '../../../graph/units.js';
import { bytesOf, corpusOf, textOf } from '../corpus.js';
import { textMutator } from '../mutate/text.js';
import { must, type Target } from '../target.js';

export const kernelTarget: Target = {
  name: 'kernel',
  corpus: () =>
    [...[...models.values()].map(({ update }) => bytesOf(update)), ...corpusOf('kernel')].filter(
      (b) => b.length > 0,
    ),
  mutators: [
    textMutator([
      'if',
      'else',
      'spike',
      'V_m',
      'in_ex',
      'current',
      'sqrt(',
      'min(1, ',
      '? 1 : 2',
      '&&',
      '||',
      '!',
      '==',
      '<=',
      '};',
      '// x\n',
      '=',
      ';',
    ]),
  ],
  codes: ['KERNEL_SYNTAX', 'KERNEL_NAME', 'KERNEL_TYPE'],
  run(bytes) {
    const update = textOf(bytes);
    parseKernel(update);
    const model = models.get('iaf_psc_exp') as ModelSpec;
    kernelOf({ ...model, update });
  },
};

const UNITS: readonly QuantityUnit[] = ['mV', 'ms', 's', 'pF', 'pA', 'nS', 'MOhm', 'Hz', 'ns', '1'];

export const unitTarget: Target = {
  name: 'unit',
  corpus: () =>
    [
      '20 mV',
      '1.5ms',
      '2 GOhm',
      '-65 mV',
      '8e3 Hz',
      '1e-3 s',
      '100 us',
      '.5 nS',
      '250. pF',
      '1 s',
      '0.1 ms',
      '10 Ω',
      '3 µA',
      '7',
    ].map(bytesOf),
  mutators: [
    textMutator([
      'mV',
      'ms',
      's',
      'ns',
      'us',
      'Ohm',
      'Hz',
      'kHz',
      'pA',
      'e',
      'E',
      '-',
      '+',
      '.',
      '1e4',
      'e-9999',
      'e9999',
      'e999',
      ' ',
    ]),
  ],
  codes: ['UNIT'],
  share: 0.5,
  run(bytes) {
    const text = textOf(bytes);
    const refused: unknown[] = [];
    const attempt = (parse: () => number, check: (x: number) => boolean, what: string): void => {
      try {
        const x = parse();
        must(check(x), `${what} gives ${x}`);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        refused.push(error);
      }
    };
    for (const unit of UNITS) attempt(() => parseQuantity(text, unit), Number.isFinite, unit);
    attempt(() => parseTimeNs(text), Number.isSafeInteger, 'time');
    attempt(
      () => unitScale(text, 'ms').multiply,
      (x) => x > 0 && Number.isFinite(x),
      'scale',
    );
    // One of them is thrown on, so that its message is looked at, too.
    if (refused.length > UNITS.length) throw refused[text.length % refused.length];
  },
};
