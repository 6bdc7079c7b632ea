import binaryen from 'binaryen';
import type { BoundProgram } from '../../../graph/synapses/bind.js';
import { kernelText } from './text.js';

/** Compiles a synapse model with its numbers to a WASM module (`text.ts`). */
export function compileSynapses(program: BoundProgram, scheduled: boolean): Uint8Array {
  const module = binaryen.parseText(kernelText(program, scheduled));
  try {
    module.setFeatures(binaryen.Features.Atomics | binaryen.Features.BulkMemory);
    if (!module.validate()) throw new Error(`kernel of ${program.model} is no valid WASM`);
    module.optimize();
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
