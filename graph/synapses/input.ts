/** A synapse model as people write it, under `synapse_models` (docs/plasticity.md). */
export interface SynapseModelInput {
  readonly doc?: string;
  readonly reference?: string;
  readonly parameters?: Readonly<
    Record<
      string,
      string | number | { readonly unit?: string; readonly default?: string | number; readonly doc?: string }
    >
  >;
  readonly source?: TraceGroupInput;
  readonly target?: TraceGroupInput;
  readonly variables?: TraceGroupInput['variables'];
  readonly on_pre?: string;
  readonly on_post?: string;
  readonly transmit?: string;
  readonly bounds?: readonly [number | string, number | string];
}

export interface TraceGroupInput {
  readonly variables: Readonly<
    Record<string, { readonly tau?: string; readonly initial?: number | string; readonly doc?: string }>
  >;
  readonly on_spike: string;
}

/** A projection's `synapse`: a model's name, or a mapping of it and its parameters. */
export type SynapseInput =
  | string
  | ({ readonly model: string } & Readonly<
      Record<string, string | number | readonly (readonly (string | number)[])[]>
    >);
