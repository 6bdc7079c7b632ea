import { parseGraph } from '../../graph/file.js';
import type { Graph } from '../../graph/index.js';

/** The graph of a file net.nil.yaml. */
export const parse = (text: string): Graph => parseGraph(`nil: 1\n${text}`, 'net.nil.yaml');

export const POPULATIONS = `
populations:
  in: {model: spike_source, size: 3}
  exc: {model: iaf_psc_exp, size: 2}
  img: {model: nir_if, shape: [1, 4, 4]}
  fmap: {model: nir_if, shape: [2, 2, 2]}
  line: {model: nir_if, shape: [1, 6]}
`;
