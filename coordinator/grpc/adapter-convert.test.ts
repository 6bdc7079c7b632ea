/** What an adapter says when it joins is what the coordinator hears: one that was started by hand is checked as one that a run started. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { findPlugin } from '../../adapters/index.js';
import { AdapterDeclarationSchema } from '../../proto/gen/nil/v1/control_pb.js';
import { declarationFor, type JoinedDeclaration } from '../partition/index.js';
import { declarationFromMessage, declarationToMessage } from './adapter-convert.js';

const heard = (declaration: JoinedDeclaration): JoinedDeclaration => {
  const message = create(
    AdapterDeclarationSchema,
    declarationToMessage({ name: '', version: '', declaration }),
  );
  return declarationFromMessage(
    fromBinary(AdapterDeclarationSchema, toBinary(AdapterDeclarationSchema, message)),
  );
};

describe('a declaration over the wire', () => {
  it.each(['nest', 'brian2', 'lava', 'akida'])('%s: is the plug-in’s', async (kind) => {
    const { plugin } = await findPlugin(kind);
    const { constraints, direction, input, timing, leadSteps } = plugin;
    if (typeof constraints === 'function') throw new Error('constraints that depend on a configuration');
    const { constraints: limits, ...rest } = heard(declarationFor(plugin, () => undefined));
    expect(rest.leadSteps).toBe(leadSteps);
    expect(rest).toMatchObject({ kind, direction, input, timing });
    expect(limits).toMatchObject(JSON.parse(JSON.stringify(constraints)));
    expect(limits.stimuli).toEqual(constraints.stimuli ?? []);
  });

  it('has every constraint that there is', () => {
    const constraints = {
      models: ['external'],
      neurons: 7,
      instances: 2,
      fanIn: 3,
      fanOut: 4,
      synapses: 5,
      weightBits: { bits: 6, signed: true },
      delaySteps: { min: 1, max: 15 },
      delayNs: { min: 1000, max: 2000 },
      stepNs: { min: 100, max: 1000, multipleOf: 10 },
      stimuli: ['step_current'],
      plasticity: ['stdp'],
    };
    const declaration = { kind: 'all', direction: 'both', input: 'spikes', timing: 'real-time' } as const;
    expect(heard({ ...declaration, leadSteps: 2, constraints })).toEqual({
      ...declaration,
      leadSteps: 2,
      constraints,
    });
  });
});
