from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Graph(_message.Message):
    __slots__ = ("format", "name", "populations", "projections", "stimuli", "recordings", "defaults", "metadata", "adapters", "models", "synapse_models")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    STIMULI_FIELD_NUMBER: _ClassVar[int]
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ADAPTERS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    SYNAPSE_MODELS_FIELD_NUMBER: _ClassVar[int]
    format: int
    name: str
    populations: _containers.RepeatedCompositeFieldContainer[Population]
    projections: _containers.RepeatedCompositeFieldContainer[Projection]
    stimuli: _containers.RepeatedCompositeFieldContainer[Stimulus]
    recordings: _containers.RepeatedCompositeFieldContainer[Recording]
    defaults: GraphDefaults
    metadata: _containers.ScalarMap[str, str]
    adapters: _containers.RepeatedCompositeFieldContainer[Adapter]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    synapse_models: _containers.RepeatedCompositeFieldContainer[SynapseModel]
    def __init__(self, format: _Optional[int] = ..., name: _Optional[str] = ..., populations: _Optional[_Iterable[_Union[Population, _Mapping]]] = ..., projections: _Optional[_Iterable[_Union[Projection, _Mapping]]] = ..., stimuli: _Optional[_Iterable[_Union[Stimulus, _Mapping]]] = ..., recordings: _Optional[_Iterable[_Union[Recording, _Mapping]]] = ..., defaults: _Optional[_Union[GraphDefaults, _Mapping]] = ..., metadata: _Optional[_Mapping[str, str]] = ..., adapters: _Optional[_Iterable[_Union[Adapter, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., synapse_models: _Optional[_Iterable[_Union[SynapseModel, _Mapping]]] = ...) -> None: ...

class SynapseModel(_message.Message):
    __slots__ = ("name", "definition")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    definition: str
    def __init__(self, name: _Optional[str] = ..., definition: _Optional[str] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "definition")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    definition: str
    def __init__(self, name: _Optional[str] = ..., definition: _Optional[str] = ...) -> None: ...

class Adapter(_message.Message):
    __slots__ = ("name", "kind", "config")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    config: str
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., config: _Optional[str] = ...) -> None: ...

class GraphDefaults(_message.Message):
    __slots__ = ("dt_ns", "duration_ns", "seed")
    DT_NS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    dt_ns: int
    duration_ns: int
    seed: int
    def __init__(self, dt_ns: _Optional[int] = ..., duration_ns: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ("constant", "array", "normal", "lognormal", "uniform")
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    ARRAY_FIELD_NUMBER: _ClassVar[int]
    NORMAL_FIELD_NUMBER: _ClassVar[int]
    LOGNORMAL_FIELD_NUMBER: _ClassVar[int]
    UNIFORM_FIELD_NUMBER: _ClassVar[int]
    constant: float
    array: bytes
    normal: NormalDistribution
    lognormal: LognormalDistribution
    uniform: UniformDistribution
    def __init__(self, constant: _Optional[float] = ..., array: _Optional[bytes] = ..., normal: _Optional[_Union[NormalDistribution, _Mapping]] = ..., lognormal: _Optional[_Union[LognormalDistribution, _Mapping]] = ..., uniform: _Optional[_Union[UniformDistribution, _Mapping]] = ...) -> None: ...

class NormalDistribution(_message.Message):
    __slots__ = ("mean", "std", "min", "max")
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    mean: float
    std: float
    min: float
    max: float
    def __init__(self, mean: _Optional[float] = ..., std: _Optional[float] = ..., min: _Optional[float] = ..., max: _Optional[float] = ...) -> None: ...

class LognormalDistribution(_message.Message):
    __slots__ = ("mu", "sigma", "min", "max")
    MU_FIELD_NUMBER: _ClassVar[int]
    SIGMA_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    mu: float
    sigma: float
    min: float
    max: float
    def __init__(self, mu: _Optional[float] = ..., sigma: _Optional[float] = ..., min: _Optional[float] = ..., max: _Optional[float] = ...) -> None: ...

class UniformDistribution(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class NeuronRange(_message.Message):
    __slots__ = ("begin", "end")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    begin: int
    end: int
    def __init__(self, begin: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Population(_message.Message):
    __slots__ = ("name", "model", "size", "shape", "params", "initial", "placement")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    class InitialEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    model: str
    size: int
    shape: _containers.RepeatedScalarFieldContainer[int]
    params: _containers.MessageMap[str, Value]
    initial: _containers.MessageMap[str, Value]
    placement: str
    def __init__(self, name: _Optional[str] = ..., model: _Optional[str] = ..., size: _Optional[int] = ..., shape: _Optional[_Iterable[int]] = ..., params: _Optional[_Mapping[str, Value]] = ..., initial: _Optional[_Mapping[str, Value]] = ..., placement: _Optional[str] = ...) -> None: ...

class Projection(_message.Message):
    __slots__ = ("name", "source", "target", "all_to_all", "one_to_one", "fixed_probability", "fixed_indegree", "fixed_outdegree", "fixed_total_number", "pairs", "dense", "conv", "weight", "delay_ns", "receptor", "allow_autapses", "allow_multapses", "synapse")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ALL_TO_ALL_FIELD_NUMBER: _ClassVar[int]
    ONE_TO_ONE_FIELD_NUMBER: _ClassVar[int]
    FIXED_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    FIXED_INDEGREE_FIELD_NUMBER: _ClassVar[int]
    FIXED_OUTDEGREE_FIELD_NUMBER: _ClassVar[int]
    FIXED_TOTAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    DENSE_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DELAY_NS_FIELD_NUMBER: _ClassVar[int]
    RECEPTOR_FIELD_NUMBER: _ClassVar[int]
    ALLOW_AUTAPSES_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MULTAPSES_FIELD_NUMBER: _ClassVar[int]
    SYNAPSE_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    target: str
    all_to_all: AllToAllRule
    one_to_one: OneToOneRule
    fixed_probability: FixedProbabilityRule
    fixed_indegree: FixedIndegreeRule
    fixed_outdegree: FixedOutdegreeRule
    fixed_total_number: FixedTotalNumberRule
    pairs: PairsRule
    dense: DenseRule
    conv: ConvRule
    weight: Value
    delay_ns: Value
    receptor: str
    allow_autapses: bool
    allow_multapses: bool
    synapse: SynapseUse
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., target: _Optional[str] = ..., all_to_all: _Optional[_Union[AllToAllRule, _Mapping]] = ..., one_to_one: _Optional[_Union[OneToOneRule, _Mapping]] = ..., fixed_probability: _Optional[_Union[FixedProbabilityRule, _Mapping]] = ..., fixed_indegree: _Optional[_Union[FixedIndegreeRule, _Mapping]] = ..., fixed_outdegree: _Optional[_Union[FixedOutdegreeRule, _Mapping]] = ..., fixed_total_number: _Optional[_Union[FixedTotalNumberRule, _Mapping]] = ..., pairs: _Optional[_Union[PairsRule, _Mapping]] = ..., dense: _Optional[_Union[DenseRule, _Mapping]] = ..., conv: _Optional[_Union[ConvRule, _Mapping]] = ..., weight: _Optional[_Union[Value, _Mapping]] = ..., delay_ns: _Optional[_Union[Value, _Mapping]] = ..., receptor: _Optional[str] = ..., allow_autapses: bool = ..., allow_multapses: bool = ..., synapse: _Optional[_Union[SynapseUse, _Mapping]] = ...) -> None: ...

class SynapseUse(_message.Message):
    __slots__ = ("model", "params", "scheduled", "learning_ns")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_FIELD_NUMBER: _ClassVar[int]
    LEARNING_NS_FIELD_NUMBER: _ClassVar[int]
    model: str
    params: _containers.ScalarMap[str, float]
    scheduled: bool
    learning_ns: bytes
    def __init__(self, model: _Optional[str] = ..., params: _Optional[_Mapping[str, float]] = ..., scheduled: bool = ..., learning_ns: _Optional[bytes] = ...) -> None: ...

class AllToAllRule(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OneToOneRule(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FixedProbabilityRule(_message.Message):
    __slots__ = ("p",)
    P_FIELD_NUMBER: _ClassVar[int]
    p: float
    def __init__(self, p: _Optional[float] = ...) -> None: ...

class FixedIndegreeRule(_message.Message):
    __slots__ = ("indegree",)
    INDEGREE_FIELD_NUMBER: _ClassVar[int]
    indegree: int
    def __init__(self, indegree: _Optional[int] = ...) -> None: ...

class FixedOutdegreeRule(_message.Message):
    __slots__ = ("outdegree",)
    OUTDEGREE_FIELD_NUMBER: _ClassVar[int]
    outdegree: int
    def __init__(self, outdegree: _Optional[int] = ...) -> None: ...

class FixedTotalNumberRule(_message.Message):
    __slots__ = ("n",)
    N_FIELD_NUMBER: _ClassVar[int]
    n: int
    def __init__(self, n: _Optional[int] = ...) -> None: ...

class PairsRule(_message.Message):
    __slots__ = ("sources", "targets")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    sources: bytes
    targets: bytes
    def __init__(self, sources: _Optional[bytes] = ..., targets: _Optional[bytes] = ...) -> None: ...

class DenseRule(_message.Message):
    __slots__ = ("matrix",)
    MATRIX_FIELD_NUMBER: _ClassVar[int]
    matrix: bytes
    def __init__(self, matrix: _Optional[bytes] = ...) -> None: ...

class ConvRule(_message.Message):
    __slots__ = ("kernel", "kernel_shape", "in_channels", "out_channels", "input_shape", "stride", "padding_before", "padding_after", "dilation", "groups")
    KERNEL_FIELD_NUMBER: _ClassVar[int]
    KERNEL_SHAPE_FIELD_NUMBER: _ClassVar[int]
    IN_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    OUT_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    INPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    STRIDE_FIELD_NUMBER: _ClassVar[int]
    PADDING_BEFORE_FIELD_NUMBER: _ClassVar[int]
    PADDING_AFTER_FIELD_NUMBER: _ClassVar[int]
    DILATION_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    kernel: bytes
    kernel_shape: _containers.RepeatedScalarFieldContainer[int]
    in_channels: int
    out_channels: int
    input_shape: _containers.RepeatedScalarFieldContainer[int]
    stride: _containers.RepeatedScalarFieldContainer[int]
    padding_before: _containers.RepeatedScalarFieldContainer[int]
    padding_after: _containers.RepeatedScalarFieldContainer[int]
    dilation: _containers.RepeatedScalarFieldContainer[int]
    groups: int
    def __init__(self, kernel: _Optional[bytes] = ..., kernel_shape: _Optional[_Iterable[int]] = ..., in_channels: _Optional[int] = ..., out_channels: _Optional[int] = ..., input_shape: _Optional[_Iterable[int]] = ..., stride: _Optional[_Iterable[int]] = ..., padding_before: _Optional[_Iterable[int]] = ..., padding_after: _Optional[_Iterable[int]] = ..., dilation: _Optional[_Iterable[int]] = ..., groups: _Optional[int] = ...) -> None: ...

class Stimulus(_message.Message):
    __slots__ = ("name", "target", "poisson", "step_current", "noise_current", "spikes", "inhomogeneous_poisson", "ac_current")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    POISSON_FIELD_NUMBER: _ClassVar[int]
    STEP_CURRENT_FIELD_NUMBER: _ClassVar[int]
    NOISE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    INHOMOGENEOUS_POISSON_FIELD_NUMBER: _ClassVar[int]
    AC_CURRENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    target: str
    poisson: PoissonStimulus
    step_current: StepCurrentStimulus
    noise_current: NoiseCurrentStimulus
    spikes: SpikesStimulus
    inhomogeneous_poisson: InhomogeneousPoissonStimulus
    ac_current: AcCurrentStimulus
    def __init__(self, name: _Optional[str] = ..., target: _Optional[str] = ..., poisson: _Optional[_Union[PoissonStimulus, _Mapping]] = ..., step_current: _Optional[_Union[StepCurrentStimulus, _Mapping]] = ..., noise_current: _Optional[_Union[NoiseCurrentStimulus, _Mapping]] = ..., spikes: _Optional[_Union[SpikesStimulus, _Mapping]] = ..., inhomogeneous_poisson: _Optional[_Union[InhomogeneousPoissonStimulus, _Mapping]] = ..., ac_current: _Optional[_Union[AcCurrentStimulus, _Mapping]] = ...) -> None: ...

class PoissonStimulus(_message.Message):
    __slots__ = ("rate_hz", "weight", "delay_ns", "receptor", "start_ns", "stop_ns")
    RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DELAY_NS_FIELD_NUMBER: _ClassVar[int]
    RECEPTOR_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    STOP_NS_FIELD_NUMBER: _ClassVar[int]
    rate_hz: Value
    weight: float
    delay_ns: int
    receptor: str
    start_ns: int
    stop_ns: int
    def __init__(self, rate_hz: _Optional[_Union[Value, _Mapping]] = ..., weight: _Optional[float] = ..., delay_ns: _Optional[int] = ..., receptor: _Optional[str] = ..., start_ns: _Optional[int] = ..., stop_ns: _Optional[int] = ...) -> None: ...

class InhomogeneousPoissonStimulus(_message.Message):
    __slots__ = ("times_ns", "rates_hz", "weight", "delay_ns", "receptor")
    TIMES_NS_FIELD_NUMBER: _ClassVar[int]
    RATES_HZ_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DELAY_NS_FIELD_NUMBER: _ClassVar[int]
    RECEPTOR_FIELD_NUMBER: _ClassVar[int]
    times_ns: bytes
    rates_hz: bytes
    weight: float
    delay_ns: int
    receptor: str
    def __init__(self, times_ns: _Optional[bytes] = ..., rates_hz: _Optional[bytes] = ..., weight: _Optional[float] = ..., delay_ns: _Optional[int] = ..., receptor: _Optional[str] = ...) -> None: ...

class AcCurrentStimulus(_message.Message):
    __slots__ = ("amplitude", "offset", "frequency_hz", "phase_deg", "start_ns", "stop_ns", "range")
    AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    PHASE_DEG_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    STOP_NS_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    amplitude: float
    offset: float
    frequency_hz: float
    phase_deg: float
    start_ns: int
    stop_ns: int
    range: NeuronRange
    def __init__(self, amplitude: _Optional[float] = ..., offset: _Optional[float] = ..., frequency_hz: _Optional[float] = ..., phase_deg: _Optional[float] = ..., start_ns: _Optional[int] = ..., stop_ns: _Optional[int] = ..., range: _Optional[_Union[NeuronRange, _Mapping]] = ...) -> None: ...

class StepCurrentStimulus(_message.Message):
    __slots__ = ("times_ns", "amplitudes", "range")
    TIMES_NS_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDES_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    times_ns: bytes
    amplitudes: bytes
    range: NeuronRange
    def __init__(self, times_ns: _Optional[bytes] = ..., amplitudes: _Optional[bytes] = ..., range: _Optional[_Union[NeuronRange, _Mapping]] = ...) -> None: ...

class NoiseCurrentStimulus(_message.Message):
    __slots__ = ("mean", "std", "interval_ns", "range")
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_NS_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    mean: float
    std: float
    interval_ns: int
    range: NeuronRange
    def __init__(self, mean: _Optional[float] = ..., std: _Optional[float] = ..., interval_ns: _Optional[int] = ..., range: _Optional[_Union[NeuronRange, _Mapping]] = ...) -> None: ...

class SpikesStimulus(_message.Message):
    __slots__ = ("times_ns", "neurons", "values")
    TIMES_NS_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    times_ns: bytes
    neurons: bytes
    values: bytes
    def __init__(self, times_ns: _Optional[bytes] = ..., neurons: _Optional[bytes] = ..., values: _Optional[bytes] = ...) -> None: ...

class Recording(_message.Message):
    __slots__ = ("population", "range", "spikes", "state", "weights")
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    population: str
    range: NeuronRange
    spikes: SpikeRecording
    state: StateRecording
    weights: WeightRecording
    def __init__(self, population: _Optional[str] = ..., range: _Optional[_Union[NeuronRange, _Mapping]] = ..., spikes: _Optional[_Union[SpikeRecording, _Mapping]] = ..., state: _Optional[_Union[StateRecording, _Mapping]] = ..., weights: _Optional[_Union[WeightRecording, _Mapping]] = ...) -> None: ...

class WeightRecording(_message.Message):
    __slots__ = ("projection", "every_ns", "times_ns", "spikes")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    EVERY_NS_FIELD_NUMBER: _ClassVar[int]
    TIMES_NS_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    projection: str
    every_ns: int
    times_ns: bytes
    spikes: bool
    def __init__(self, projection: _Optional[str] = ..., every_ns: _Optional[int] = ..., times_ns: _Optional[bytes] = ..., spikes: bool = ...) -> None: ...

class SpikeRecording(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StateRecording(_message.Message):
    __slots__ = ("variables", "every_ns")
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    EVERY_NS_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.RepeatedScalarFieldContainer[str]
    every_ns: int
    def __init__(self, variables: _Optional[_Iterable[str]] = ..., every_ns: _Optional[int] = ...) -> None: ...
