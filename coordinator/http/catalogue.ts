/**
 * Every metric that is exported: the only place that names them. The table of docs/deploy.md, the dashboard and the alerts are tested
 * against it. Units are Prometheus's base units: seconds, bytes.
 */
export type MetricType = 'gauge' | 'counter';

export interface MetricDefinition {
  readonly type: MetricType;
  /** In the order in which they are written. */
  readonly labels: readonly string[];
  readonly help: string;
}

const RUN = ['run'] as const;
const FEDERATE = ['run', 'federate'] as const;
const CHANNEL = ['run', 'from', 'to'] as const;

const gauge = <const L extends readonly string[]>(labels: L, help: string) =>
  ({ type: 'gauge', labels, help }) as const;
const counter = <const L extends readonly string[]>(labels: L, help: string) =>
  ({ type: 'counter', labels, help }) as const;

/** In the order in which they are written. */
export const METRICS = {
  nil_build_info: gauge(['part', 'version'], '1; the version of coordinator or worker'),
  process_cpu_seconds_total: counter([], 'Processor time of this process, all its threads'),
  process_resident_memory_bytes: gauge([], 'Memory of this process, all its threads'),
  process_start_time_seconds: gauge([], 'When this process began, since the epoch'),

  nil_workers_joined: gauge([], 'Workers that have joined'),
  nil_workers_free: gauge([], 'Of those, the ones without a run'),
  nil_runs: gauge(['state'], 'Runs that are not over, by state'),
  nil_runs_finished_total: counter(['state'], 'Runs that have ended since the coordinator began, by how'),
  nil_partitions_pending: gauge(
    [],
    'Partitions that wait for a worker: of pending runs, and of federates that were lost',
  ),

  nil_run_info: gauge(['run', 'graph', 'state'], '1; the network of a run, and what it does now'),
  nil_run_simulated_seconds: gauge(
    RUN,
    'Simulated time of the slowest federate; set back when a federate begins again',
  ),
  nil_run_duration_seconds: gauge(RUN, 'Simulated time at which the run ends'),
  nil_run_wall_seconds: gauge(['run', 'phase'], 'Wall time: queue (until it has workers), build, simulate'),
  nil_run_real_time_factor: gauge(
    RUN,
    'Wall seconds for each simulated second, since the start; below 1 is faster than real time',
  ),
  nil_run_pace_lag_seconds: gauge(
    RUN,
    'Of a run that keeps pace with the wall clock: wall time that it is behind; below 0 it is ahead',
  ),
  nil_run_spikes_total: counter(RUN, 'Recorded spikes; set back when a federate begins again'),
  nil_run_recorded_bytes: gauge(RUN, 'Memory of what was recorded, in the coordinator'),
  nil_run_recoveries_total: counter(RUN, 'Federates that were lost and began again'),
  nil_run_recovery_seconds_total: counter(
    ['run', 'phase'],
    'Wall time of recoveries: detect, restore, catch_up',
  ),
  nil_run_stalled: gauge(RUN, '1 when nothing has moved for longer than --stall-after'),
  nil_run_checkpoints_total: counter(RUN, 'Checkpoints that were written'),
  nil_run_checkpoint_failures_total: counter(RUN, 'Checkpoints that could not be written'),
  nil_run_checkpoint_simulated_seconds: gauge(RUN, 'Simulated time of the newest checkpoint'),
  nil_run_checkpoint_age_seconds: gauge(
    RUN,
    'Wall time since the newest checkpoint was written, else since the start; of runs with checkpoints',
  ),
  nil_run_checkpoint_bytes_total: counter(RUN, 'Bytes that were written to the store'),

  nil_federate_info: gauge(
    ['run', 'federate', 'worker', 'state'],
    '1; who holds a federate, and what it does now',
  ),
  nil_federate_clock_seconds: gauge(FEDERATE, 'Simulated time of its last report'),
  nil_federate_horizon_seconds: gauge(FEDERATE, 'Up to where it may advance'),
  nil_federate_silent_seconds: gauge(FEDERATE, 'Wall time since anything came from it'),
  nil_federate_incarnation: gauge(FEDERATE, 'How often it was started'),
  nil_federate_spikes_total: counter(FEDERATE, 'Recorded spikes of its present incarnation'),
  nil_federate_synaptic_events_total: counter(FEDERATE, 'Synaptic events delivered'),
  nil_federate_simulate_seconds_total: counter(FEDERATE, 'Wall time that it computed'),
  nil_federate_wait_seconds_total: counter(
    ['run', 'federate', 'reason'],
    'Wall time that it waited: horizon, credit, drain, or other (the wall clock, a checkpoint). The sum is measured; time between reports counts for what the last one named that named anything, for horizon before that',
  ),
  nil_federate_waiting: gauge(
    ['run', 'federate', 'on', 'reason'],
    '1 for each federate that it waits for, at its last report',
  ),
  nil_federate_memory_bytes: gauge(FEDERATE, 'What its engine has allocated'),
  nil_federate_peak_memory_bytes: gauge(FEDERATE, 'Most memory of its process; known at its end'),
  nil_federate_missed_deadlines_total: counter(
    FEDERATE,
    'Windows that ended too late, of a federate that keeps pace with the wall clock; known at its end',
  ),
  nil_federate_late_events_total: counter(
    ['run', 'federate', 'direction'],
    'Events of an adapter that came too late, in or out; known at its end',
  ),

  nil_channel_lookahead_seconds: gauge(CHANNEL, 'The smallest delay of what the channel carries'),
  nil_channel_horizon_lag_seconds: gauge(
    CHANNEL,
    "The receiver's clock less the sender's promise as the receiver has it: at the lookahead the channel stops the receiver, below 0 the sender is ahead",
  ),
  nil_channel_queued_batches: gauge(CHANNEL, 'Batches that came and are not wholly delivered'),
  nil_channel_batches_total: counter(CHANNEL, 'Messages sent'),
  nil_channel_bytes_total: counter(CHANNEL, 'Bytes sent'),
  nil_channel_events_total: counter(CHANNEL, 'Events sent'),
  nil_channel_repaired_total: counter(CHANNEL, 'Batches that were lost and sent again'),
  nil_channel_rejected_total: counter(CHANNEL, 'Batches that were not of this channel, or damaged'),
  nil_channel_duplicates_total: counter(CHANNEL, 'Batches that came twice'),
  nil_channel_fenced_total: counter(CHANNEL, 'Of those rejected, from or for an older incarnation'),
  nil_channel_retained_bytes: gauge(
    CHANNEL,
    'What was sent and is kept in memory for a federate that begins again',
  ),
  nil_channel_spilled_bytes: gauge(CHANNEL, 'The same on disk'),
  nil_channels_omitted: gauge(RUN, 'Channels that are not exported one by one since the run has too many'),

  nil_worker_joined: gauge([], '1 when this worker has joined its coordinator'),
  nil_worker_federates: gauge([], 'Federates that this worker holds'),
  nil_worker_threads: gauge([], 'Threads that a partition may use here'),
  nil_worker_memory_limit_bytes: gauge([], 'Most that a partition may take here'),
  nil_worker_clock_seconds: gauge(FEDERATE, 'Simulated time of a federate that this worker holds'),
  nil_worker_simulate_seconds_total: counter(FEDERATE, 'Wall time that it computed'),
  nil_worker_wait_seconds_total: counter(FEDERATE, 'Wall time that it waited'),
  nil_worker_spikes_total: counter(FEDERATE, 'Recorded spikes of its present incarnation'),
  nil_worker_sent_bytes_total: counter(FEDERATE, 'Bytes sent over its channels'),
  nil_worker_retained_bytes: gauge(
    FEDERATE,
    'What it sent and keeps in memory for a federate that begins again',
  ),
  nil_worker_spilled_bytes: gauge(FEDERATE, 'The same on disk'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
export type LabelsOf<N extends MetricName> = Readonly<
  Record<(typeof METRICS)[N]['labels'][number], string | number>
>;
