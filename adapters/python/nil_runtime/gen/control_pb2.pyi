from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AdapterInput(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADAPTER_INPUT_UNSPECIFIED: _ClassVar[AdapterInput]
    ADAPTER_INPUT_NONE: _ClassVar[AdapterInput]
    ADAPTER_INPUT_SPIKES: _ClassVar[AdapterInput]
    ADAPTER_INPUT_SYNAPTIC: _ClassVar[AdapterInput]

class WaitReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAIT_REASON_UNSPECIFIED: _ClassVar[WaitReason]
    WAIT_REASON_HORIZON: _ClassVar[WaitReason]
    WAIT_REASON_CREDIT: _ClassVar[WaitReason]
    WAIT_REASON_DRAIN: _ClassVar[WaitReason]

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STATE_UNSPECIFIED: _ClassVar[RunState]
    RUN_STATE_PENDING: _ClassVar[RunState]
    RUN_STATE_ASSIGNED: _ClassVar[RunState]
    RUN_STATE_READY: _ClassVar[RunState]
    RUN_STATE_RUNNING: _ClassVar[RunState]
    RUN_STATE_STOPPING: _ClassVar[RunState]
    RUN_STATE_DONE: _ClassVar[RunState]
    RUN_STATE_FAILED: _ClassVar[RunState]
    RUN_STATE_STOPPED: _ClassVar[RunState]

class FederateState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEDERATE_STATE_UNSPECIFIED: _ClassVar[FederateState]
    FEDERATE_STATE_BUILDING: _ClassVar[FederateState]
    FEDERATE_STATE_READY: _ClassVar[FederateState]
    FEDERATE_STATE_RUNNING: _ClassVar[FederateState]
    FEDERATE_STATE_DONE: _ClassVar[FederateState]
    FEDERATE_STATE_FAILED: _ClassVar[FederateState]
    FEDERATE_STATE_LOST: _ClassVar[FederateState]
    FEDERATE_STATE_WAITING: _ClassVar[FederateState]
    FEDERATE_STATE_RESTORING: _ClassVar[FederateState]
ADAPTER_INPUT_UNSPECIFIED: AdapterInput
ADAPTER_INPUT_NONE: AdapterInput
ADAPTER_INPUT_SPIKES: AdapterInput
ADAPTER_INPUT_SYNAPTIC: AdapterInput
WAIT_REASON_UNSPECIFIED: WaitReason
WAIT_REASON_HORIZON: WaitReason
WAIT_REASON_CREDIT: WaitReason
WAIT_REASON_DRAIN: WaitReason
RUN_STATE_UNSPECIFIED: RunState
RUN_STATE_PENDING: RunState
RUN_STATE_ASSIGNED: RunState
RUN_STATE_READY: RunState
RUN_STATE_RUNNING: RunState
RUN_STATE_STOPPING: RunState
RUN_STATE_DONE: RunState
RUN_STATE_FAILED: RunState
RUN_STATE_STOPPED: RunState
FEDERATE_STATE_UNSPECIFIED: FederateState
FEDERATE_STATE_BUILDING: FederateState
FEDERATE_STATE_READY: FederateState
FEDERATE_STATE_RUNNING: FederateState
FEDERATE_STATE_DONE: FederateState
FEDERATE_STATE_FAILED: FederateState
FEDERATE_STATE_LOST: FederateState
FEDERATE_STATE_WAITING: FederateState
FEDERATE_STATE_RESTORING: FederateState

class FromFederate(_message.Message):
    __slots__ = ("hello", "ready", "progress", "record", "done", "failed", "pong", "snapshot", "checkpoint_ready", "event_log", "leaving", "federate", "incarnation")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_READY_FIELD_NUMBER: _ClassVar[int]
    EVENT_LOG_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    ready: Ready
    progress: Progress
    record: RecordChunk
    done: Done
    failed: Failed
    pong: Pong
    snapshot: Snapshot
    checkpoint_ready: CheckpointReady
    event_log: EventLog
    leaving: Leaving
    federate: int
    incarnation: int
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., ready: _Optional[_Union[Ready, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., record: _Optional[_Union[RecordChunk, _Mapping]] = ..., done: _Optional[_Union[Done, _Mapping]] = ..., failed: _Optional[_Union[Failed, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., snapshot: _Optional[_Union[Snapshot, _Mapping]] = ..., checkpoint_ready: _Optional[_Union[CheckpointReady, _Mapping]] = ..., event_log: _Optional[_Union[EventLog, _Mapping]] = ..., leaving: _Optional[_Union[Leaving, _Mapping]] = ..., federate: _Optional[int] = ..., incarnation: _Optional[int] = ...) -> None: ...

class ToFederate(_message.Message):
    __slots__ = ("welcome", "assign", "start", "stop", "ping", "checkpoint", "peer_restarted", "durable", "adopt", "drop", "federate", "incarnation")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ASSIGN_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    PEER_RESTARTED_FIELD_NUMBER: _ClassVar[int]
    DURABLE_FIELD_NUMBER: _ClassVar[int]
    ADOPT_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    assign: Assign
    start: Start
    stop: Stop
    ping: Ping
    checkpoint: Checkpoint
    peer_restarted: PeerRestarted
    durable: Durable
    adopt: Adopt
    drop: Drop
    federate: int
    incarnation: int
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., assign: _Optional[_Union[Assign, _Mapping]] = ..., start: _Optional[_Union[Start, _Mapping]] = ..., stop: _Optional[_Union[Stop, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., checkpoint: _Optional[_Union[Checkpoint, _Mapping]] = ..., peer_restarted: _Optional[_Union[PeerRestarted, _Mapping]] = ..., durable: _Optional[_Union[Durable, _Mapping]] = ..., adopt: _Optional[_Union[Adopt, _Mapping]] = ..., drop: _Optional[_Union[Drop, _Mapping]] = ..., federate: _Optional[int] = ..., incarnation: _Optional[int] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol_version", "name", "threads", "memory_bytes", "kinds", "host", "pid", "software_version", "holds", "adapter")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    name: str
    threads: int
    memory_bytes: int
    kinds: _containers.RepeatedScalarFieldContainer[str]
    host: str
    pid: int
    software_version: str
    holds: _containers.RepeatedCompositeFieldContainer[HeldFederate]
    adapter: AdapterDeclaration
    def __init__(self, protocol_version: _Optional[int] = ..., name: _Optional[str] = ..., threads: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., kinds: _Optional[_Iterable[str]] = ..., host: _Optional[str] = ..., pid: _Optional[int] = ..., software_version: _Optional[str] = ..., holds: _Optional[_Iterable[_Union[HeldFederate, _Mapping]]] = ..., adapter: _Optional[_Union[AdapterDeclaration, _Mapping]] = ...) -> None: ...

class AdapterDeclaration(_message.Message):
    __slots__ = ("kind", "name", "version", "input", "real_time", "constraints", "window_steps", "direction", "lead_steps")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    REAL_TIME_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_STEPS_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    LEAD_STEPS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    version: str
    input: AdapterInput
    real_time: bool
    constraints: AdapterConstraints
    window_steps: int
    direction: str
    lead_steps: int
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., input: _Optional[_Union[AdapterInput, str]] = ..., real_time: bool = ..., constraints: _Optional[_Union[AdapterConstraints, _Mapping]] = ..., window_steps: _Optional[int] = ..., direction: _Optional[str] = ..., lead_steps: _Optional[int] = ...) -> None: ...

class AdapterConstraints(_message.Message):
    __slots__ = ("models", "neurons", "instances", "fan_in", "fan_out", "synapses", "weight_bits", "weight_signed", "delay_steps_min", "delay_steps_max", "delay_ns_min", "delay_ns_max", "step_ns_min", "step_ns_max", "step_ns_multiple_of", "plasticity", "stimuli")
    MODELS_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    FAN_IN_FIELD_NUMBER: _ClassVar[int]
    FAN_OUT_FIELD_NUMBER: _ClassVar[int]
    SYNAPSES_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_BITS_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_SIGNED_FIELD_NUMBER: _ClassVar[int]
    DELAY_STEPS_MIN_FIELD_NUMBER: _ClassVar[int]
    DELAY_STEPS_MAX_FIELD_NUMBER: _ClassVar[int]
    DELAY_NS_MIN_FIELD_NUMBER: _ClassVar[int]
    DELAY_NS_MAX_FIELD_NUMBER: _ClassVar[int]
    STEP_NS_MIN_FIELD_NUMBER: _ClassVar[int]
    STEP_NS_MAX_FIELD_NUMBER: _ClassVar[int]
    STEP_NS_MULTIPLE_OF_FIELD_NUMBER: _ClassVar[int]
    PLASTICITY_FIELD_NUMBER: _ClassVar[int]
    STIMULI_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedScalarFieldContainer[str]
    neurons: int
    instances: int
    fan_in: int
    fan_out: int
    synapses: int
    weight_bits: int
    weight_signed: bool
    delay_steps_min: int
    delay_steps_max: int
    delay_ns_min: int
    delay_ns_max: int
    step_ns_min: int
    step_ns_max: int
    step_ns_multiple_of: int
    plasticity: _containers.RepeatedScalarFieldContainer[str]
    stimuli: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, models: _Optional[_Iterable[str]] = ..., neurons: _Optional[int] = ..., instances: _Optional[int] = ..., fan_in: _Optional[int] = ..., fan_out: _Optional[int] = ..., synapses: _Optional[int] = ..., weight_bits: _Optional[int] = ..., weight_signed: bool = ..., delay_steps_min: _Optional[int] = ..., delay_steps_max: _Optional[int] = ..., delay_ns_min: _Optional[int] = ..., delay_ns_max: _Optional[int] = ..., step_ns_min: _Optional[int] = ..., step_ns_max: _Optional[int] = ..., step_ns_multiple_of: _Optional[int] = ..., plasticity: _Optional[_Iterable[str]] = ..., stimuli: _Optional[_Iterable[str]] = ...) -> None: ...

class EventLog(_message.Message):
    __slots__ = ("run_id", "begin_step", "end_step", "counts", "neurons", "values")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    BEGIN_STEP_FIELD_NUMBER: _ClassVar[int]
    END_STEP_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    begin_step: int
    end_step: int
    counts: bytes
    neurons: bytes
    values: bytes
    def __init__(self, run_id: _Optional[str] = ..., begin_step: _Optional[int] = ..., end_step: _Optional[int] = ..., counts: _Optional[bytes] = ..., neurons: _Optional[bytes] = ..., values: _Optional[bytes] = ...) -> None: ...

class Pace(_message.Message):
    __slots__ = ("speed",)
    SPEED_FIELD_NUMBER: _ClassVar[int]
    speed: float
    def __init__(self, speed: _Optional[float] = ...) -> None: ...

class TimingReport(_message.Message):
    __slots__ = ("missed_deadlines", "steps", "bounds_us", "lateness", "lateness_p50_us", "lateness_p99_us", "lateness_max_us", "jitter_p50_us", "jitter_p99_us", "jitter_max_us")
    MISSED_DEADLINES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_US_FIELD_NUMBER: _ClassVar[int]
    LATENESS_FIELD_NUMBER: _ClassVar[int]
    LATENESS_P50_US_FIELD_NUMBER: _ClassVar[int]
    LATENESS_P99_US_FIELD_NUMBER: _ClassVar[int]
    LATENESS_MAX_US_FIELD_NUMBER: _ClassVar[int]
    JITTER_P50_US_FIELD_NUMBER: _ClassVar[int]
    JITTER_P99_US_FIELD_NUMBER: _ClassVar[int]
    JITTER_MAX_US_FIELD_NUMBER: _ClassVar[int]
    missed_deadlines: int
    steps: int
    bounds_us: _containers.RepeatedScalarFieldContainer[float]
    lateness: _containers.RepeatedScalarFieldContainer[int]
    lateness_p50_us: float
    lateness_p99_us: float
    lateness_max_us: float
    jitter_p50_us: float
    jitter_p99_us: float
    jitter_max_us: float
    def __init__(self, missed_deadlines: _Optional[int] = ..., steps: _Optional[int] = ..., bounds_us: _Optional[_Iterable[float]] = ..., lateness: _Optional[_Iterable[int]] = ..., lateness_p50_us: _Optional[float] = ..., lateness_p99_us: _Optional[float] = ..., lateness_max_us: _Optional[float] = ..., jitter_p50_us: _Optional[float] = ..., jitter_p99_us: _Optional[float] = ..., jitter_max_us: _Optional[float] = ...) -> None: ...

class AdapterReport(_message.Message):
    __slots__ = ("timing", "late_in", "late_out", "dropped", "events_in", "events_out", "counters", "is_adapter")
    class CountersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    TIMING_FIELD_NUMBER: _ClassVar[int]
    LATE_IN_FIELD_NUMBER: _ClassVar[int]
    LATE_OUT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    EVENTS_IN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_OUT_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    IS_ADAPTER_FIELD_NUMBER: _ClassVar[int]
    timing: TimingReport
    late_in: int
    late_out: int
    dropped: int
    events_in: int
    events_out: int
    counters: _containers.ScalarMap[str, float]
    is_adapter: bool
    def __init__(self, timing: _Optional[_Union[TimingReport, _Mapping]] = ..., late_in: _Optional[int] = ..., late_out: _Optional[int] = ..., dropped: _Optional[int] = ..., events_in: _Optional[int] = ..., events_out: _Optional[int] = ..., counters: _Optional[_Mapping[str, float]] = ..., is_adapter: bool = ...) -> None: ...

class HeldFederate(_message.Message):
    __slots__ = ("run_id", "federate", "incarnation")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    federate: int
    incarnation: int
    def __init__(self, run_id: _Optional[str] = ..., federate: _Optional[int] = ..., incarnation: _Optional[int] = ...) -> None: ...

class Adopt(_message.Message):
    __slots__ = ("run_id", "from_ns")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_NS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    from_ns: int
    def __init__(self, run_id: _Optional[str] = ..., from_ns: _Optional[int] = ...) -> None: ...

class Drop(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class Leaving(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("incarnation", "heartbeat_ms", "deadline_ms", "software_version")
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    incarnation: int
    heartbeat_ms: int
    deadline_ms: int
    software_version: str
    def __init__(self, incarnation: _Optional[int] = ..., heartbeat_ms: _Optional[int] = ..., deadline_ms: _Optional[int] = ..., software_version: _Optional[str] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ("nonce",)
    NONCE_FIELD_NUMBER: _ClassVar[int]
    nonce: int
    def __init__(self, nonce: _Optional[int] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ("nonce",)
    NONCE_FIELD_NUMBER: _ClassVar[int]
    nonce: int
    def __init__(self, nonce: _Optional[int] = ...) -> None: ...

class Assign(_message.Message):
    __slots__ = ("run_id", "incarnation", "graph", "plan", "federate", "threads", "transport", "window_steps", "report_ms", "checkpoints", "snapshots", "profile", "expansion", "incarnations", "start_ns", "retain", "keep_records", "pace")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_STEPS_FIELD_NUMBER: _ClassVar[int]
    REPORT_MS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOTS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EXPANSION_FIELD_NUMBER: _ClassVar[int]
    INCARNATIONS_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    RETAIN_FIELD_NUMBER: _ClassVar[int]
    KEEP_RECORDS_FIELD_NUMBER: _ClassVar[int]
    PACE_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    incarnation: int
    graph: bytes
    plan: RunPlan
    federate: int
    threads: int
    transport: TransportParameters
    window_steps: int
    report_ms: int
    checkpoints: CheckpointParameters
    snapshots: _containers.RepeatedCompositeFieldContainer[Snapshot]
    profile: bool
    expansion: Expansion
    incarnations: _containers.RepeatedScalarFieldContainer[int]
    start_ns: int
    retain: bool
    keep_records: bool
    pace: Pace
    def __init__(self, run_id: _Optional[str] = ..., incarnation: _Optional[int] = ..., graph: _Optional[bytes] = ..., plan: _Optional[_Union[RunPlan, _Mapping]] = ..., federate: _Optional[int] = ..., threads: _Optional[int] = ..., transport: _Optional[_Union[TransportParameters, _Mapping]] = ..., window_steps: _Optional[int] = ..., report_ms: _Optional[int] = ..., checkpoints: _Optional[_Union[CheckpointParameters, _Mapping]] = ..., snapshots: _Optional[_Iterable[_Union[Snapshot, _Mapping]]] = ..., profile: bool = ..., expansion: _Optional[_Union[Expansion, _Mapping]] = ..., incarnations: _Optional[_Iterable[int]] = ..., start_ns: _Optional[int] = ..., retain: bool = ..., keep_records: bool = ..., pace: _Optional[_Union[Pace, _Mapping]] = ...) -> None: ...

class PeerRestarted(_message.Message):
    __slots__ = ("run_id", "peer", "peer_incarnation", "from_ns")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    PEER_INCARNATION_FIELD_NUMBER: _ClassVar[int]
    FROM_NS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    peer: int
    peer_incarnation: int
    from_ns: int
    def __init__(self, run_id: _Optional[str] = ..., peer: _Optional[int] = ..., peer_incarnation: _Optional[int] = ..., from_ns: _Optional[int] = ...) -> None: ...

class Durable(_message.Message):
    __slots__ = ("run_id", "until_ns")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    until_ns: int
    def __init__(self, run_id: _Optional[str] = ..., until_ns: _Optional[int] = ...) -> None: ...

class Expansion(_message.Message):
    __slots__ = ("projections", "populations")
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    projections: _containers.RepeatedCompositeFieldContainer[ExpandedProjection]
    populations: _containers.RepeatedCompositeFieldContainer[ExpandedPopulation]
    def __init__(self, projections: _Optional[_Iterable[_Union[ExpandedProjection, _Mapping]]] = ..., populations: _Optional[_Iterable[_Union[ExpandedPopulation, _Mapping]]] = ...) -> None: ...

class ExpandedProjection(_message.Message):
    __slots__ = ("projection", "sources", "targets", "weights", "delay_steps", "ports")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    DELAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    projection: int
    sources: bytes
    targets: bytes
    weights: bytes
    delay_steps: bytes
    ports: bytes
    def __init__(self, projection: _Optional[int] = ..., sources: _Optional[bytes] = ..., targets: _Optional[bytes] = ..., weights: _Optional[bytes] = ..., delay_steps: _Optional[bytes] = ..., ports: _Optional[bytes] = ...) -> None: ...

class ExpandedPopulation(_message.Message):
    __slots__ = ("params", "initial", "ports", "is_source", "emits_spikes")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    class InitialEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_FIELD_NUMBER: _ClassVar[int]
    PORTS_FIELD_NUMBER: _ClassVar[int]
    IS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    EMITS_SPIKES_FIELD_NUMBER: _ClassVar[int]
    params: _containers.ScalarMap[str, bytes]
    initial: _containers.ScalarMap[str, bytes]
    ports: _containers.RepeatedScalarFieldContainer[str]
    is_source: bool
    emits_spikes: bool
    def __init__(self, params: _Optional[_Mapping[str, bytes]] = ..., initial: _Optional[_Mapping[str, bytes]] = ..., ports: _Optional[_Iterable[str]] = ..., is_source: bool = ..., emits_spikes: bool = ...) -> None: ...

class CheckpointParameters(_message.Message):
    __slots__ = ("every_ns",)
    EVERY_NS_FIELD_NUMBER: _ClassVar[int]
    every_ns: int
    def __init__(self, every_ns: _Optional[int] = ...) -> None: ...

class TransportParameters(_message.Message):
    __slots__ = ("nats_url", "credit_ns", "credit_bytes", "nats_user", "nats_ca")
    NATS_URL_FIELD_NUMBER: _ClassVar[int]
    CREDIT_NS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    NATS_USER_FIELD_NUMBER: _ClassVar[int]
    NATS_CA_FIELD_NUMBER: _ClassVar[int]
    nats_url: str
    credit_ns: int
    credit_bytes: int
    nats_user: NatsUser
    nats_ca: str
    def __init__(self, nats_url: _Optional[str] = ..., credit_ns: _Optional[int] = ..., credit_bytes: _Optional[int] = ..., nats_user: _Optional[_Union[NatsUser, _Mapping]] = ..., nats_ca: _Optional[str] = ...) -> None: ...

class NatsUser(_message.Message):
    __slots__ = ("jwt", "seed")
    JWT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    jwt: str
    seed: str
    def __init__(self, jwt: _Optional[str] = ..., seed: _Optional[str] = ...) -> None: ...

class NeuronSlice(_message.Message):
    __slots__ = ("population", "begin", "end")
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    population: int
    begin: int
    end: int
    def __init__(self, population: _Optional[int] = ..., begin: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class PlannedFederate(_message.Message):
    __slots__ = ("name", "slices", "adapter")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    name: str
    slices: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    adapter: str
    def __init__(self, name: _Optional[str] = ..., slices: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., adapter: _Optional[str] = ...) -> None: ...

class PlannedChannel(_message.Message):
    __slots__ = ("to", "lookahead_ns", "spikes", "signals", "graded")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    LOOKAHEAD_NS_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    GRADED_FIELD_NUMBER: _ClassVar[int]
    to: int
    lookahead_ns: int
    spikes: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    signals: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    graded: bool
    def __init__(self, to: _Optional[int] = ..., lookahead_ns: _Optional[int] = ..., spikes: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., signals: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., graded: bool = ..., **kwargs) -> None: ...

class RunPlan(_message.Message):
    __slots__ = ("dt_ns", "duration_ns", "seed", "federates", "channels", "start_ns")
    DT_NS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    FEDERATES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    dt_ns: int
    duration_ns: int
    seed: int
    federates: _containers.RepeatedCompositeFieldContainer[PlannedFederate]
    channels: _containers.RepeatedCompositeFieldContainer[PlannedChannel]
    start_ns: int
    def __init__(self, dt_ns: _Optional[int] = ..., duration_ns: _Optional[int] = ..., seed: _Optional[int] = ..., federates: _Optional[_Iterable[_Union[PlannedFederate, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[PlannedChannel, _Mapping]]] = ..., start_ns: _Optional[int] = ...) -> None: ...

class Ready(_message.Message):
    __slots__ = ("run_id", "neurons", "synapses", "synapse_bytes", "total_bytes", "wall_build_ms")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    SYNAPSES_FIELD_NUMBER: _ClassVar[int]
    SYNAPSE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    WALL_BUILD_MS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    neurons: int
    synapses: int
    synapse_bytes: int
    total_bytes: int
    wall_build_ms: float
    def __init__(self, run_id: _Optional[str] = ..., neurons: _Optional[int] = ..., synapses: _Optional[int] = ..., synapse_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ..., wall_build_ms: _Optional[float] = ...) -> None: ...

class Start(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class Stop(_message.Message):
    __slots__ = ("run_id", "reason")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    reason: str
    def __init__(self, run_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Waiting(_message.Message):
    __slots__ = ("reason", "federate", "until_ns", "needs_ns")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_NS_FIELD_NUMBER: _ClassVar[int]
    reason: WaitReason
    federate: int
    until_ns: int
    needs_ns: int
    def __init__(self, reason: _Optional[_Union[WaitReason, str]] = ..., federate: _Optional[int] = ..., until_ns: _Optional[int] = ..., needs_ns: _Optional[int] = ...) -> None: ...

class ChannelProgress(_message.Message):
    __slots__ = ("to", "promise_ns", "queued", "batches", "bytes", "events", "repaired", "rejected", "duplicates", "fenced", "retained_bytes", "spilled_bytes", "last_heard_ms")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    PROMISE_NS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    REPAIRED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    FENCED_FIELD_NUMBER: _ClassVar[int]
    RETAINED_BYTES_FIELD_NUMBER: _ClassVar[int]
    SPILLED_BYTES_FIELD_NUMBER: _ClassVar[int]
    LAST_HEARD_MS_FIELD_NUMBER: _ClassVar[int]
    to: int
    promise_ns: int
    queued: int
    batches: int
    bytes: int
    events: int
    repaired: int
    rejected: int
    duplicates: int
    fenced: int
    retained_bytes: int
    spilled_bytes: int
    last_heard_ms: float
    def __init__(self, to: _Optional[int] = ..., promise_ns: _Optional[int] = ..., queued: _Optional[int] = ..., batches: _Optional[int] = ..., bytes: _Optional[int] = ..., events: _Optional[int] = ..., repaired: _Optional[int] = ..., rejected: _Optional[int] = ..., duplicates: _Optional[int] = ..., fenced: _Optional[int] = ..., retained_bytes: _Optional[int] = ..., spilled_bytes: _Optional[int] = ..., last_heard_ms: _Optional[float] = ..., **kwargs) -> None: ...

class Progress(_message.Message):
    __slots__ = ("run_id", "clock_ns", "horizon_ns", "waits", "ins", "outs", "spikes", "synaptic_events", "wall_simulate_ms", "wall_wait_ms")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CLOCK_NS_FIELD_NUMBER: _ClassVar[int]
    HORIZON_NS_FIELD_NUMBER: _ClassVar[int]
    WAITS_FIELD_NUMBER: _ClassVar[int]
    INS_FIELD_NUMBER: _ClassVar[int]
    OUTS_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    SYNAPTIC_EVENTS_FIELD_NUMBER: _ClassVar[int]
    WALL_SIMULATE_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    clock_ns: int
    horizon_ns: int
    waits: _containers.RepeatedCompositeFieldContainer[Waiting]
    ins: _containers.RepeatedCompositeFieldContainer[ChannelProgress]
    outs: _containers.RepeatedCompositeFieldContainer[ChannelProgress]
    spikes: int
    synaptic_events: int
    wall_simulate_ms: float
    wall_wait_ms: float
    def __init__(self, run_id: _Optional[str] = ..., clock_ns: _Optional[int] = ..., horizon_ns: _Optional[int] = ..., waits: _Optional[_Iterable[_Union[Waiting, _Mapping]]] = ..., ins: _Optional[_Iterable[_Union[ChannelProgress, _Mapping]]] = ..., outs: _Optional[_Iterable[_Union[ChannelProgress, _Mapping]]] = ..., spikes: _Optional[int] = ..., synaptic_events: _Optional[int] = ..., wall_simulate_ms: _Optional[float] = ..., wall_wait_ms: _Optional[float] = ...) -> None: ...

class RecordChunk(_message.Message):
    __slots__ = ("run_id", "begin_step", "end_step", "counts", "neurons", "states", "weights")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    BEGIN_STEP_FIELD_NUMBER: _ClassVar[int]
    END_STEP_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    begin_step: int
    end_step: int
    counts: bytes
    neurons: bytes
    states: _containers.RepeatedCompositeFieldContainer[StateChunk]
    weights: _containers.RepeatedCompositeFieldContainer[WeightChunk]
    def __init__(self, run_id: _Optional[str] = ..., begin_step: _Optional[int] = ..., end_step: _Optional[int] = ..., counts: _Optional[bytes] = ..., neurons: _Optional[bytes] = ..., states: _Optional[_Iterable[_Union[StateChunk, _Mapping]]] = ..., weights: _Optional[_Iterable[_Union[WeightChunk, _Mapping]]] = ...) -> None: ...

class WeightChunk(_message.Message):
    __slots__ = ("recording", "steps", "sources", "targets", "delays", "weights")
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    DELAYS_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    recording: int
    steps: bytes
    sources: bytes
    targets: bytes
    delays: bytes
    weights: bytes
    def __init__(self, recording: _Optional[int] = ..., steps: _Optional[bytes] = ..., sources: _Optional[bytes] = ..., targets: _Optional[bytes] = ..., delays: _Optional[bytes] = ..., weights: _Optional[bytes] = ...) -> None: ...

class StateChunk(_message.Message):
    __slots__ = ("recording", "variable", "begin", "end", "first_sample", "values")
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    FIRST_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    recording: int
    variable: str
    begin: int
    end: int
    first_sample: int
    values: bytes
    def __init__(self, recording: _Optional[int] = ..., variable: _Optional[str] = ..., begin: _Optional[int] = ..., end: _Optional[int] = ..., first_sample: _Optional[int] = ..., values: _Optional[bytes] = ...) -> None: ...

class Checkpoint(_message.Message):
    __slots__ = ("run_id", "request", "ask", "at_step")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    AT_STEP_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    request: int
    ask: bool
    at_step: int
    def __init__(self, run_id: _Optional[str] = ..., request: _Optional[int] = ..., ask: bool = ..., at_step: _Optional[int] = ...) -> None: ...

class CheckpointReady(_message.Message):
    __slots__ = ("run_id", "request", "from_ns")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    FROM_NS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    request: int
    from_ns: int
    def __init__(self, run_id: _Optional[str] = ..., request: _Optional[int] = ..., from_ns: _Optional[int] = ...) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("run_id", "step", "parts", "synaptic_events", "emitted", "synapses")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    SYNAPTIC_EVENTS_FIELD_NUMBER: _ClassVar[int]
    EMITTED_FIELD_NUMBER: _ClassVar[int]
    SYNAPSES_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    step: int
    parts: _containers.RepeatedCompositeFieldContainer[StatePart]
    synaptic_events: int
    emitted: Emitted
    synapses: _containers.RepeatedCompositeFieldContainer[SynapsePart]
    def __init__(self, run_id: _Optional[str] = ..., step: _Optional[int] = ..., parts: _Optional[_Iterable[_Union[StatePart, _Mapping]]] = ..., synaptic_events: _Optional[int] = ..., emitted: _Optional[_Union[Emitted, _Mapping]] = ..., synapses: _Optional[_Iterable[_Union[SynapsePart, _Mapping]]] = ...) -> None: ...

class SynapsePart(_message.Message):
    __slots__ = ("projection", "neurons", "degrees", "weights", "own", "spikes", "stamps", "target", "last", "source")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    DEGREES_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    STAMPS_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    projection: int
    neurons: NeuronSlice
    degrees: bytes
    weights: bytes
    own: _containers.RepeatedCompositeFieldContainer[StateColumn]
    spikes: bytes
    stamps: bytes
    target: _containers.RepeatedCompositeFieldContainer[StateColumn]
    last: bytes
    source: _containers.RepeatedCompositeFieldContainer[StateColumn]
    def __init__(self, projection: _Optional[int] = ..., neurons: _Optional[_Union[NeuronSlice, _Mapping]] = ..., degrees: _Optional[bytes] = ..., weights: _Optional[bytes] = ..., own: _Optional[_Iterable[_Union[StateColumn, _Mapping]]] = ..., spikes: _Optional[bytes] = ..., stamps: _Optional[bytes] = ..., target: _Optional[_Iterable[_Union[StateColumn, _Mapping]]] = ..., last: _Optional[bytes] = ..., source: _Optional[_Iterable[_Union[StateColumn, _Mapping]]] = ...) -> None: ...

class StatePart(_message.Message):
    __slots__ = ("neurons", "columns")
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    neurons: NeuronSlice
    columns: _containers.RepeatedCompositeFieldContainer[StateColumn]
    def __init__(self, neurons: _Optional[_Union[NeuronSlice, _Mapping]] = ..., columns: _Optional[_Iterable[_Union[StateColumn, _Mapping]]] = ...) -> None: ...

class StateColumn(_message.Message):
    __slots__ = ("variable", "values")
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    variable: str
    values: bytes
    def __init__(self, variable: _Optional[str] = ..., values: _Optional[bytes] = ...) -> None: ...

class Emitted(_message.Message):
    __slots__ = ("begin_step", "slices", "signal_slices", "counts", "neurons", "values", "signals")
    BEGIN_STEP_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_SLICES_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    NEURONS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    begin_step: int
    slices: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    signal_slices: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    counts: bytes
    neurons: bytes
    values: bytes
    signals: bytes
    def __init__(self, begin_step: _Optional[int] = ..., slices: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., signal_slices: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., counts: _Optional[bytes] = ..., neurons: _Optional[bytes] = ..., values: _Optional[bytes] = ..., signals: _Optional[bytes] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ("run_id", "last", "stopped", "wall_build_ms", "peak_memory_bytes", "profile", "adapter")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    WALL_BUILD_MS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    last: Progress
    stopped: bool
    wall_build_ms: float
    peak_memory_bytes: int
    profile: _containers.RepeatedCompositeFieldContainer[ThreadProfile]
    adapter: AdapterReport
    def __init__(self, run_id: _Optional[str] = ..., last: _Optional[_Union[Progress, _Mapping]] = ..., stopped: bool = ..., wall_build_ms: _Optional[float] = ..., peak_memory_bytes: _Optional[int] = ..., profile: _Optional[_Iterable[_Union[ThreadProfile, _Mapping]]] = ..., adapter: _Optional[_Union[AdapterReport, _Mapping]] = ...) -> None: ...

class ThreadProfile(_message.Message):
    __slots__ = ("build", "update", "deliver", "poisson", "exchange", "wait", "record", "other")
    BUILD_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    DELIVER_FIELD_NUMBER: _ClassVar[int]
    POISSON_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    build: float
    update: float
    deliver: float
    poisson: float
    exchange: float
    wait: float
    record: float
    other: float
    def __init__(self, build: _Optional[float] = ..., update: _Optional[float] = ..., deliver: _Optional[float] = ..., poisson: _Optional[float] = ..., exchange: _Optional[float] = ..., wait: _Optional[float] = ..., record: _Optional[float] = ..., other: _Optional[float] = ...) -> None: ...

class Failed(_message.Message):
    __slots__ = ("run_id", "code", "message", "exit_status", "last")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EXIT_STATUS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    code: str
    message: str
    exit_status: int
    last: Progress
    def __init__(self, run_id: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., exit_status: _Optional[int] = ..., last: _Optional[_Union[Progress, _Mapping]] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("graph", "dt_ns", "duration_ns", "seed", "workers", "threads", "credit_ns", "credit_bytes", "window_steps", "timeout_ms", "checkpoint_every_ns", "checkpoint_every_wall_ms", "run_id", "no_recovery", "max_recoveries", "speed", "lower")
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    DT_NS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_NS_FIELD_NUMBER: _ClassVar[int]
    CREDIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    WINDOW_STEPS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_EVERY_NS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_EVERY_WALL_MS_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    NO_RECOVERY_FIELD_NUMBER: _ClassVar[int]
    MAX_RECOVERIES_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    graph: bytes
    dt_ns: int
    duration_ns: int
    seed: int
    workers: int
    threads: int
    credit_ns: int
    credit_bytes: int
    window_steps: int
    timeout_ms: int
    checkpoint_every_ns: int
    checkpoint_every_wall_ms: int
    run_id: str
    no_recovery: bool
    max_recoveries: int
    speed: float
    lower: bool
    def __init__(self, graph: _Optional[bytes] = ..., dt_ns: _Optional[int] = ..., duration_ns: _Optional[int] = ..., seed: _Optional[int] = ..., workers: _Optional[int] = ..., threads: _Optional[int] = ..., credit_ns: _Optional[int] = ..., credit_bytes: _Optional[int] = ..., window_steps: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., checkpoint_every_ns: _Optional[int] = ..., checkpoint_every_wall_ms: _Optional[int] = ..., run_id: _Optional[str] = ..., no_recovery: bool = ..., max_recoveries: _Optional[int] = ..., speed: _Optional[float] = ..., lower: bool = ...) -> None: ...

class SubmitReply(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class CheckpointRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class CheckpointReply(_message.Message):
    __slots__ = ("run_id", "at_ns")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    at_ns: int
    def __init__(self, run_id: _Optional[str] = ..., at_ns: _Optional[int] = ...) -> None: ...

class ResumeRequest(_message.Message):
    __slots__ = ("run_id", "at_ns", "workers", "threads", "timeout_ms")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    at_ns: int
    workers: int
    threads: int
    timeout_ms: int
    def __init__(self, run_id: _Optional[str] = ..., at_ns: _Optional[int] = ..., workers: _Optional[int] = ..., threads: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("runs", "workers_joined", "workers_free")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_JOINED_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FREE_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[RunStatus]
    workers_joined: int
    workers_free: int
    def __init__(self, runs: _Optional[_Iterable[_Union[RunStatus, _Mapping]]] = ..., workers_joined: _Optional[int] = ..., workers_free: _Optional[int] = ...) -> None: ...

class RunStatus(_message.Message):
    __slots__ = ("run_id", "graph_name", "state", "detail", "error_code", "error_exit_status", "clock_ns", "start_ns", "duration_ns", "spikes", "wall_ms", "wall_build_ms", "wall_simulate_ms", "workers", "federates", "culprits", "recoveries", "stall")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    GRAPH_NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_EXIT_STATUS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_NS_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    SPIKES_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_BUILD_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_SIMULATE_MS_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    FEDERATES_FIELD_NUMBER: _ClassVar[int]
    CULPRITS_FIELD_NUMBER: _ClassVar[int]
    RECOVERIES_FIELD_NUMBER: _ClassVar[int]
    STALL_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    graph_name: str
    state: RunState
    detail: str
    error_code: str
    error_exit_status: int
    clock_ns: int
    start_ns: int
    duration_ns: int
    spikes: int
    wall_ms: float
    wall_build_ms: float
    wall_simulate_ms: float
    workers: int
    federates: _containers.RepeatedCompositeFieldContainer[FederateStatus]
    culprits: _containers.RepeatedScalarFieldContainer[int]
    recoveries: _containers.RepeatedCompositeFieldContainer[Recovery]
    stall: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, run_id: _Optional[str] = ..., graph_name: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., detail: _Optional[str] = ..., error_code: _Optional[str] = ..., error_exit_status: _Optional[int] = ..., clock_ns: _Optional[int] = ..., start_ns: _Optional[int] = ..., duration_ns: _Optional[int] = ..., spikes: _Optional[int] = ..., wall_ms: _Optional[float] = ..., wall_build_ms: _Optional[float] = ..., wall_simulate_ms: _Optional[float] = ..., workers: _Optional[int] = ..., federates: _Optional[_Iterable[_Union[FederateStatus, _Mapping]]] = ..., culprits: _Optional[_Iterable[int]] = ..., recoveries: _Optional[_Iterable[_Union[Recovery, _Mapping]]] = ..., stall: _Optional[_Iterable[str]] = ...) -> None: ...

class Recovery(_message.Message):
    __slots__ = ("federate", "at_ns", "from_ns", "reason", "worker", "wall_detect_ms", "wall_restore_ms", "wall_catch_up_ms")
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    FROM_NS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    WALL_DETECT_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_RESTORE_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_CATCH_UP_MS_FIELD_NUMBER: _ClassVar[int]
    federate: str
    at_ns: int
    from_ns: int
    reason: str
    worker: str
    wall_detect_ms: float
    wall_restore_ms: float
    wall_catch_up_ms: float
    def __init__(self, federate: _Optional[str] = ..., at_ns: _Optional[int] = ..., from_ns: _Optional[int] = ..., reason: _Optional[str] = ..., worker: _Optional[str] = ..., wall_detect_ms: _Optional[float] = ..., wall_restore_ms: _Optional[float] = ..., wall_catch_up_ms: _Optional[float] = ...) -> None: ...

class FederateStatus(_message.Message):
    __slots__ = ("index", "name", "worker", "state", "silent_ms", "last", "incarnation")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SILENT_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    index: int
    name: str
    worker: str
    state: FederateState
    silent_ms: float
    last: Progress
    incarnation: int
    def __init__(self, index: _Optional[int] = ..., name: _Optional[str] = ..., worker: _Optional[str] = ..., state: _Optional[_Union[FederateState, str]] = ..., silent_ms: _Optional[float] = ..., last: _Optional[_Union[Progress, _Mapping]] = ..., incarnation: _Optional[int] = ...) -> None: ...

class NodesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class NodesReply(_message.Message):
    __slots__ = ("nodes",)
    NODES_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    def __init__(self, nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("name", "incarnation", "host", "pid", "threads", "memory_bytes", "kinds", "run_id", "silent_ms", "software_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SILENT_MS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    incarnation: int
    host: str
    pid: int
    threads: int
    memory_bytes: int
    kinds: _containers.RepeatedScalarFieldContainer[str]
    run_id: str
    silent_ms: float
    software_version: str
    def __init__(self, name: _Optional[str] = ..., incarnation: _Optional[int] = ..., host: _Optional[str] = ..., pid: _Optional[int] = ..., threads: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., kinds: _Optional[_Iterable[str]] = ..., run_id: _Optional[str] = ..., silent_ms: _Optional[float] = ..., software_version: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ("run_id", "reason")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    reason: str
    def __init__(self, run_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ResultsRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class ResultsReply(_message.Message):
    __slots__ = ("facts", "chunk", "earlier", "log")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    EARLIER_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    facts: ResultFacts
    chunk: FederateChunk
    earlier: EarlierChunk
    log: FederateLog
    def __init__(self, facts: _Optional[_Union[ResultFacts, _Mapping]] = ..., chunk: _Optional[_Union[FederateChunk, _Mapping]] = ..., earlier: _Optional[_Union[EarlierChunk, _Mapping]] = ..., log: _Optional[_Union[FederateLog, _Mapping]] = ...) -> None: ...

class ResultFacts(_message.Message):
    __slots__ = ("status", "graph", "plan", "threads", "federates", "transport", "lowered")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GRAPH_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    FEDERATES_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    LOWERED_FIELD_NUMBER: _ClassVar[int]
    status: RunStatus
    graph: bytes
    plan: RunPlan
    threads: int
    federates: _containers.RepeatedCompositeFieldContainer[FederateFacts]
    transport: str
    lowered: _containers.RepeatedCompositeFieldContainer[Lowered]
    def __init__(self, status: _Optional[_Union[RunStatus, _Mapping]] = ..., graph: _Optional[bytes] = ..., plan: _Optional[_Union[RunPlan, _Mapping]] = ..., threads: _Optional[int] = ..., federates: _Optional[_Iterable[_Union[FederateFacts, _Mapping]]] = ..., transport: _Optional[str] = ..., lowered: _Optional[_Iterable[_Union[Lowered, _Mapping]]] = ...) -> None: ...

class FederateFacts(_message.Message):
    __slots__ = ("ready", "peak_memory_bytes", "profile", "adapter")
    READY_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    ready: Ready
    peak_memory_bytes: int
    profile: _containers.RepeatedCompositeFieldContainer[ThreadProfile]
    adapter: AdapterReport
    def __init__(self, ready: _Optional[_Union[Ready, _Mapping]] = ..., peak_memory_bytes: _Optional[int] = ..., profile: _Optional[_Iterable[_Union[ThreadProfile, _Mapping]]] = ..., adapter: _Optional[_Union[AdapterReport, _Mapping]] = ...) -> None: ...

class EarlierChunk(_message.Message):
    __slots__ = ("part", "slices", "chunk")
    PART_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    part: int
    slices: _containers.RepeatedCompositeFieldContainer[NeuronSlice]
    chunk: RecordChunk
    def __init__(self, part: _Optional[int] = ..., slices: _Optional[_Iterable[_Union[NeuronSlice, _Mapping]]] = ..., chunk: _Optional[_Union[RecordChunk, _Mapping]] = ...) -> None: ...

class FederateChunk(_message.Message):
    __slots__ = ("federate", "chunk")
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    federate: int
    chunk: RecordChunk
    def __init__(self, federate: _Optional[int] = ..., chunk: _Optional[_Union[RecordChunk, _Mapping]] = ...) -> None: ...

class FederateLog(_message.Message):
    __slots__ = ("federate", "log")
    FEDERATE_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    federate: int
    log: EventLog
    def __init__(self, federate: _Optional[int] = ..., log: _Optional[_Union[EventLog, _Mapping]] = ...) -> None: ...

class Lowered(_message.Message):
    __slots__ = ("adapter", "place", "constraint", "what", "changed", "max_change", "max_relative_change")
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINT_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    MAX_CHANGE_FIELD_NUMBER: _ClassVar[int]
    MAX_RELATIVE_CHANGE_FIELD_NUMBER: _ClassVar[int]
    adapter: str
    place: str
    constraint: str
    what: str
    changed: int
    max_change: float
    max_relative_change: float
    def __init__(self, adapter: _Optional[str] = ..., place: _Optional[str] = ..., constraint: _Optional[str] = ..., what: _Optional[str] = ..., changed: _Optional[int] = ..., max_change: _Optional[float] = ..., max_relative_change: _Optional[float] = ...) -> None: ...
