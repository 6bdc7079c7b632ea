import { GraphError } from '../../errors.js';
import { broadcast, equivalent, fits, type Shape, sameShape, sizeOf } from './broadcast.js';
import type { FlatNir, FlatNode } from './flatten.js';
import type { NirArray } from './types.js';
import { numbers, slide, type Window, windowOf } from './window.js';

/** Shape of what a node takes and what it gives, without batch and time. */
export interface NodeShapes {
  readonly input: Shape;
  readonly output: Shape;
}

/**
 * Infers every node's shapes from the Inputs onwards, through recurrent edges too, and checks that neighbours fit. Neurons with scalar
 * parameters take the shape of what reaches them, and [1] when nothing says more.
 * @throws GraphError naming file, node and field.
 */
export function inferShapes(flat: FlatNir, file?: string): readonly NodeShapes[] {
  const { nodes, edges } = flat;
  const shapes: (NodeShapes | undefined)[] = nodes.map((node) => shapesOf(node, undefined, file));
  const settle = (): void => {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [source, target] of edges) {
        const input = shapes[source]?.output;
        if (input === undefined || shapes[target] !== undefined) continue;
        shapes[target] = shapesOf(nodes[target], input, file);
        changed = true;
      }
    }
  };
  settle();
  for (let n = 0; n < nodes.length; n++) {
    if (shapes[n] !== undefined) continue;
    shapes[n] = shapesOf(nodes[n], lonelyShape(nodes[n], file), file);
    settle();
  }
  const known = shapes as readonly NodeShapes[];
  checkSizes(nodes, known, file);
  for (const [source, target] of edges) checkEdge(nodes, known, source, target, file);
  return known;
}

/** A few numbers in a file can name more elements than any machine has; each element of a node takes some bytes before a run begins. */
const MOST_ELEMENTS = 2 ** 25;

function checkSizes(nodes: readonly FlatNode[], shapes: readonly NodeShapes[], file?: string): void {
  let total = 0;
  nodes.forEach((node, n) => {
    const { input, output } = shapes[n];
    total += Math.max(sizeOf(input), sizeOf(output));
    if (total <= MOST_ELEMENTS) return;
    throw new GraphError(
      `node ${node.name} field ${shapeField(node)}`,
      `takes shape [${input}] and gives [${output}], expected at most ${MOST_ELEMENTS} elements in all nodes together`,
      { file },
    );
  });
}

function checkEdge(
  nodes: readonly FlatNode[],
  shapes: readonly NodeShapes[],
  source: number,
  target: number,
  file?: string,
): void {
  const [found, expected] = [shapes[source].output, shapes[target].input];
  if (equivalent(found, expected)) {
    shapesOf(nodes[target], found, file);
    return;
  }
  throw new GraphError(
    `node ${nodes[target].name} field ${shapeField(nodes[target], found)}`,
    `takes shape [${expected}], but node ${nodes[source].name} gives [${found}]`,
    { file },
  );
}

/** The field that a reader would look at for the node's shape, when it is given the shape `found`. */
function shapeField({ node }: FlatNode, found?: Shape): string {
  const { type, fields } = node;
  if (type.startsWith('Conv') && fields.input_shape !== undefined) {
    const inChannels = (fields.weight as NirArray).shape[1] * (fields.groups as NirArray).values[0];
    if (found?.at(0) === inChannels) return 'input_shape';
  }
  if (type === 'Input' || type === 'Output') return 'shape';
  if (type === 'Flatten') return 'input_type';
  if (type.endsWith('Pool2d')) return 'kernel_size';
  return (
    ['weight', 'scale', 'delay', 'threshold', 'v_threshold', 'v_leak', 'r'].find(
      (name) => fields[name] !== undefined,
    ) ?? ''
  );
}

function lonelyShape(flat: FlatNode, file?: string): Shape {
  const { type } = flat.node;
  if (type.endsWith('Pool2d') || type.startsWith('Conv') || type === 'Flatten') {
    throw new GraphError(
      `node ${flat.name}`,
      `its input shape is unknown: no edge leads to this ${type} from a node of known shape`,
      {
        file,
      },
    );
  }
  return [1];
}

/** Undefined while the input's shape is needed and not known. */
function shapesOf(flat: FlatNode, input: Shape | undefined, file?: string): NodeShapes | undefined {
  const fail = (field: string, message: string): never => {
    throw new GraphError(`node ${flat.name} field ${field}`, message, { file });
  };
  switch (flat.node.type) {
    case 'Input':
    case 'Output': {
      // An Output that was added after a node that leads nowhere takes what it is given.
      if (flat.node.fields.shape === undefined)
        return input === undefined ? undefined : { input, output: input };
      const shape = [...numbers(flat, 'shape').values];
      return { input: shape, output: shape };
    }
    case 'Affine':
    case 'Linear':
      return denseShapes(flat, fail);
    case 'Conv1d':
    case 'Conv2d':
      return convShapes(flat, input, fail);
    case 'AvgPool2d':
    case 'SumPool2d':
      return poolShapes(flat, input, fail);
    case 'Flatten':
      return flattenShapes(flat, input, fail);
    default:
      return elementwiseShapes(flat, input, fail);
  }
}

type Fail = (field: string, message: string) => never;

function denseShapes(flat: FlatNode, fail: Fail): NodeShapes {
  const { shape } = numbers(flat, 'weight');
  if (shape.length < 2) fail('weight', `has shape [${shape}], expected two dimensions [out, in] or more`);
  const batch = shape.slice(0, -2);
  const output = [...batch, shape[shape.length - 2]];
  if (flat.node.type === 'Affine') {
    const bias = numbers(flat, 'bias').shape;
    if (!fits(bias, output)) fail('bias', `has shape [${bias}], expected [${output}]`);
  }
  return { input: [...batch, shape[shape.length - 1]], output };
}

function checkWindow(flat: FlatNode, dimensions: number, fail: Fail): Window {
  for (const field of ['stride', 'dilation', 'kernel_size', 'padding']) {
    const value = flat.node.fields[field];
    if (value === undefined || typeof value === 'string') continue;
    const { length } = value.values;
    if (length !== 1 && length !== dimensions)
      fail(field, `has ${length} numbers, expected 1 or ${dimensions}`);
  }
  const window = windowOf(flat);
  if (flat.node.fields.padding === 'same' && window.stride.some((s) => s !== 1)) {
    fail('padding', `"same" goes only with stride 1, found stride [${window.stride}]`);
  }
  return window;
}

function convShapes(flat: FlatNode, found: Shape | undefined, fail: Fail): NodeShapes | undefined {
  const dimensions = flat.node.type === 'Conv1d' ? 1 : 2;
  const { shape } = numbers(flat, 'weight');
  const groups = numbers(flat, 'groups').values[0];
  const [outChannels, inChannels] = [shape[0], shape[1] * groups];
  if (outChannels % groups !== 0)
    fail('groups', `is ${groups}, but ${outChannels} output channels don't divide by it`);
  const bias = flat.node.fields.bias as NirArray | undefined;
  if (bias !== undefined && bias.values.length !== outChannels) {
    fail(
      'bias',
      `has ${bias.values.length} numbers, expected one for each of ${outChannels} output channels`,
    );
  }
  const window = checkWindow(flat, dimensions, fail);
  const declared =
    flat.node.fields.input_shape === undefined ? undefined : [...numbers(flat, 'input_shape').values];
  if (declared !== undefined && declared.length !== dimensions) {
    fail('input_shape', `has ${declared.length} numbers, expected ${dimensions}`);
  }
  const input = withoutLeadingOnes(found, dimensions + 1);
  const space = declared ?? input?.slice(1);
  if (space === undefined) return undefined;
  if (input !== undefined && (input.length !== dimensions + 1 || input[0] !== inChannels)) {
    fail(
      'weight',
      `takes ${inChannels} channels and ${dimensions} dimensions of space, but is given shape [${found}]`,
    );
  }
  if (input !== undefined && !sameShape(input.slice(1), space)) {
    fail('input_shape', `is [${space}], but the node is given shape [${found}]`);
  }
  const output = slide(space, window);
  if (output.some((n) => n < 1))
    fail('weight', `kernel [${window.kernel}] is larger than the padded input [${space}]`);
  return { input: [inChannels, ...space], output: [outChannels, ...output] };
}

function poolShapes(flat: FlatNode, found: Shape | undefined, fail: Fail): NodeShapes | undefined {
  const window = checkWindow(flat, 2, fail);
  const input = withoutLeadingOnes(found, 3);
  if (input === undefined) return undefined;
  if (input.length !== 3)
    fail('kernel_size', `pools [channels, height, width], but is given shape [${found}]`);
  if (sizeOf(window.kernel) * input[0] > MOST_ELEMENTS)
    fail(
      'kernel_size',
      `is [${window.kernel}] for ${input[0]} channels, expected at most ${MOST_ELEMENTS} elements`,
    );
  const output = slide(input.slice(1), window);
  if (output.some((n) => n < 1))
    fail('kernel_size', `[${window.kernel}] is larger than the padded input [${input.slice(1)}]`);
  return { input, output: [input[0], ...output] };
}

function withoutLeadingOnes(shape: Shape | undefined, rank: number): Shape | undefined {
  if (shape === undefined) return undefined;
  const extra = shape.length - rank;
  return extra > 0 && shape.slice(0, extra).every((n) => n === 1) ? shape.slice(extra) : shape;
}

function flattenShapes(flat: FlatNode, found: Shape | undefined, fail: Fail): NodeShapes | undefined {
  const declared =
    flat.node.fields.input_type === undefined ? undefined : [...numbers(flat, 'input_type').values];
  const input = declared ?? found;
  if (input === undefined) return undefined;
  const dimension = (field: string, fallback: number): number => {
    const raw = flat.node.fields[field] === undefined ? fallback : numbers(flat, field).values[0];
    const at = raw < 0 ? raw + input.length : raw;
    if (at < 0 || at >= input.length) fail(field, `is ${raw}, but the input has ${input.length} dimensions`);
    return at;
  };
  const [start, end] = [dimension('start_dim', 1), dimension('end_dim', -1)];
  if (end < start) fail('end_dim', `is before start_dim (${end} < ${start})`);
  const merged = sizeOf(input.slice(start, end + 1));
  return { input, output: [...input.slice(0, start), merged, ...input.slice(end + 1)] };
}

/** Neurons, Scale, Delay, Threshold: one shape for input, output and parameters. */
function elementwiseShapes(flat: FlatNode, input: Shape | undefined, fail: Fail): NodeShapes | undefined {
  let own: Shape = [];
  for (const [field, value] of Object.entries(flat.node.fields)) {
    const { shape } = value as NirArray;
    own =
      broadcast(own, shape) ??
      fail(field, `has shape [${shape}], but other fields of the node have [${own}]`);
  }
  if (input === undefined) return sizeOf(own) === 1 ? undefined : { input: own, output: own };
  if (!fits(own, input)) fail(shapeField(flat), `has shape [${own}], but the node is given shape [${input}]`);
  return { input, output: input };
}
