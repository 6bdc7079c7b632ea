/** The NIR team's networks: those of `examples/`, and the others beside this file. */
const EXAMPLES = ['lif_norse', 'braille_noDelay_bias_zero', 'cnn_sinabs'];

export const NIR_FILES = [
  ...EXAMPLES,
  'lif_rockpool',
  'two_lif_neurons',
  'braille_noDelay_bias_zero_subgraph',
  'braille_noDelay_noBias_subtract',
  'braille_noDelay_noBias_subtract_subgraph',
] as const;

/** Path of one of them, by its name without ending. */
export function nirFile(name: string): string {
  const folder = EXAMPLES.includes(name) ? '../../../examples' : 'files';
  return new URL(`${folder}/${name}.nir`, import.meta.url).pathname;
}

/** Path of a trace of the paper's first experiment, by its simulator. */
export const traceFile = (simulator: string): string =>
  new URL(`files/traces/lif_${simulator}.csv`, import.meta.url).pathname;
