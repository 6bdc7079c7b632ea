import type { ConvRule, NeuronRange } from '../../graph/types.js';

/** Size of each dimension of the output's space. */
export function convOutputShape(rule: ConvRule): number[] {
  return rule.inputShape.map((input, d) => {
    const padded = input + rule.padding[d][0] + rule.padding[d][1];
    return Math.floor((padded - rule.dilation[d] * (rule.kernelShape[d] - 1) - 1) / rule.stride[d]) + 1;
  });
}

/**
 * Visits the synapses of a convolution into targets of `range`, target by target, sources ascending. Channels are outermost, as in
 * PyTorch: neuron number = channel · (space) + row-major place.
 */
export function convSynapses(
  rule: ConvRule,
  range: NeuronRange,
  visit: (source: number, target: number, weight: number) => void,
): void {
  const [inRows, inColumns] = asTwo(rule.inputShape, 1);
  const [kernelRows, kernelColumns] = asTwo(rule.kernelShape, 1);
  const [strideRows, strideColumns] = asTwo(rule.stride, 1);
  const [dilateRows, dilateColumns] = asTwo(rule.dilation, 1);
  const [outRows, outColumns] = asTwo(convOutputShape(rule), 1);
  const before = rule.padding.map(([first]) => first);
  const [padRows, padColumns] = asTwo(before, 0);
  const inPerGroup = rule.inChannels / rule.groups;
  const outPerGroup = rule.outChannels / rule.groups;
  for (let target = range.begin; target < range.end; target++) {
    const channel = Math.floor(target / (outRows * outColumns));
    const place = target % (outRows * outColumns);
    const top = Math.floor(place / outColumns) * strideRows - padRows;
    const left = (place % outColumns) * strideColumns - padColumns;
    const firstIn = Math.floor(channel / outPerGroup) * inPerGroup;
    for (let c = 0; c < inPerGroup; c++) {
      const kernelBase = (channel * inPerGroup + c) * kernelRows * kernelColumns;
      for (let kr = 0; kr < kernelRows; kr++) {
        const row = top + kr * dilateRows;
        if (row < 0 || row >= inRows) continue;
        for (let kc = 0; kc < kernelColumns; kc++) {
          const column = left + kc * dilateColumns;
          if (column < 0 || column >= inColumns) continue;
          const weight = rule.kernel[kernelBase + kr * kernelColumns + kc];
          if (weight !== 0) visit(((firstIn + c) * inRows + row) * inColumns + column, target, weight);
        }
      }
    }
  }
}

/** A one-dimensional space is a single row. */
function asTwo(values: readonly number[], missing: number): [number, number] {
  return values.length === 1 ? [missing, values[0]] : [values[0], values[1]];
}
