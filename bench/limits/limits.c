/*
 * What this machine can do at most with the access patterns of spike delivery, in plain C: for each spike, a row of synapses at a random
 * place in memory; for each synapse, an addition to an accumulator. Prints one JSON object a line.
 *
 *   limits [synapses per thread] [accumulators per thread] [seconds per measurement]
 *
 * Patterns: `u16 const` reads 16-bit targets and adds one constant weight; `u32 f32` reads 32-bit targets and float32 weights; `u16 f32` reads
 * 16-bit targets and float32 weights. Accumulators are float64 or float32. A row's targets are ascending, as the owner of the targets lays
 * them out. `prefetch` asks for the start of a row some rows ahead, which a delivery loop can do as well.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 64, AHEAD = 4, LINES = 4 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t mix(uint64_t *state) { /* splitmix64 */
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

typedef struct {
  size_t synapses, accumulators, row, spikes;
  uint16_t *targets16;
  uint32_t *targets32;
  float *weights;
  double *sums64;
  float *sums32;
  uint32_t *places; /* first synapse of each spike's row */
  int prefetch;
  double seconds;
} Work;

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* Lays out rows of `row` synapses and draws which rows fire. */
static void lay(Work *w, size_t row, uint64_t seed) {
  w->row = row;
  size_t rows = w->synapses / row;
  uint32_t *one = malloc(row * sizeof *one);
  for (size_t r = 0; r < rows; r++) {
    for (size_t i = 0; i < row; i++) one[i] = (uint32_t)(mix(&seed) % w->accumulators);
    qsort(one, row, sizeof *one, ascending);
    for (size_t i = 0; i < row; i++) {
      w->targets32[r * row + i] = one[i];
      w->targets16[r * row + i] = (uint16_t)one[i];
    }
  }
  free(one);
  w->spikes = 20000000 / row;
  for (size_t s = 0; s < w->spikes + AHEAD; s++) w->places[s] = (uint32_t)(mix(&seed) % rows * row);
}

/* One pass over all spikes; the compiler sees a plain loop for each pattern. */
#define PASS(NAME, SUMS, TARGETS, WEIGHT, ENTRY_BYTES, WEIGHT_AT)                                                         \
  static void NAME(Work *w) {                                                                                             \
    size_t row = w->row;                                                                                                  \
    for (size_t s = 0; s < w->spikes; s++) {                                                                              \
      size_t at = w->places[s];                                                                                           \
      if (w->prefetch) {                                                                                                  \
        size_t next = w->places[s + AHEAD];                                                                               \
        for (int line = 0; line < LINES; line++) {                                                                        \
          __builtin_prefetch((const char *)(w->TARGETS + next) + 64 * line);                                              \
          WEIGHT_AT                                                                                                       \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = at, end = at + row; i < end; i++) w->SUMS[w->TARGETS[i]] += WEIGHT;                                 \
    }                                                                                                                     \
  }
#define NO_WEIGHTS
#define WEIGHT_LINES __builtin_prefetch((const char *)(w->weights + next) + 64 * line);

PASS(u16_const_f64, sums64, targets16, 0.1, 2, NO_WEIGHTS)
PASS(u16_const_f32, sums32, targets16, 0.1f, 2, NO_WEIGHTS)
PASS(u16_f32_f64, sums64, targets16, (double)w->weights[i], 6, WEIGHT_LINES)
PASS(u32_f32_f64, sums64, targets32, (double)w->weights[i], 8, WEIGHT_LINES)
PASS(u32_f32_f32, sums32, targets32, w->weights[i], 8, WEIGHT_LINES)

typedef struct {
  const char *name;
  const char *accumulator;
  int bytes;
  void (*pass)(Work *);
} Pattern;

static const Pattern PATTERNS[] = {
    {"u16 const", "float64", 2, u16_const_f64}, {"u16 const", "float32", 2, u16_const_f32},
    {"u16 f32", "float64", 6, u16_f32_f64},     {"u32 f32", "float64", 8, u32_f32_f64},
    {"u32 f32", "float32", 8, u32_f32_f32},
};

typedef struct {
  Work *work;
  void (*pass)(Work *);
  pthread_barrier_t *start;
  double seconds;
  double rate; /* events/s of this thread */
} Job;

static void *job_main(void *argument) {
  Job *job = argument;
  job->pass(job->work);
  pthread_barrier_wait(job->start);
  double begin = now(), best = 0;
  do {
    double from = now();
    job->pass(job->work);
    double rate = (double)(job->work->spikes * job->work->row) / (now() - from);
    if (rate > best) best = rate;
  } while (now() - begin < job->seconds);
  job->rate = best;
  return NULL;
}

static double on_threads(int threads, Work *works, void (*pass)(Work *), double seconds) {
  pthread_t ids[MAX_THREADS];
  Job jobs[MAX_THREADS];
  pthread_barrier_t start;
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  for (int t = 0; t < threads; t++) {
    jobs[t] = (Job){&works[t], pass, &start, seconds, 0};
    pthread_create(&ids[t], NULL, job_main, &jobs[t]);
  }
  double sum = 0;
  for (int t = 0; t < threads; t++) {
    pthread_join(ids[t], NULL);
    sum += jobs[t].rate;
  }
  pthread_barrier_destroy(&start);
  return sum;
}

/* STREAM's triad, a = b + s * c, counted as 24 bytes an element. Borrows the work's arrays. */
static void triad(Work *w) {
  size_t n = w->synapses / 8; /* three arrays of doubles inside what is allocated */
  double *a = (double *)w->targets32, *b = (double *)w->weights, *c = b + n;
  for (size_t i = 0; i < n; i++) a[i] = b[i] + 3.0 * c[i];
  w->spikes = n;
  w->row = 1;
}

static Work allocate(size_t synapses, size_t accumulators) {
  Work w = {.synapses = synapses, .accumulators = accumulators};
  w.targets16 = malloc(synapses * sizeof *w.targets16);
  w.targets32 = malloc(synapses * sizeof *w.targets32);
  w.weights = malloc(synapses * sizeof *w.weights);
  w.sums64 = calloc(accumulators, sizeof *w.sums64);
  w.sums32 = calloc(accumulators, sizeof *w.sums32);
  w.places = malloc((20000000 / 60 + AHEAD + 1) * sizeof *w.places);
  if (!w.targets16 || !w.targets32 || !w.weights || !w.sums64 || !w.sums32 || !w.places) {
    fprintf(stderr, "limits: not enough memory for %zu synapses\n", synapses);
    exit(1);
  }
  for (size_t i = 0; i < synapses; i++) w.weights[i] = 0.25f;
  return w;
}

int main(int argc, char **argv) {
  size_t synapses = argc > 1 ? strtoull(argv[1], NULL, 10) : 8000000;
  size_t accumulators = argc > 2 ? strtoull(argv[2], NULL, 10) : 6250;
  double seconds = argc > 3 ? atof(argv[3]) : 0.5;
  if (synapses < 100000 || accumulators < 1 || accumulators > 65536) {
    fprintf(stderr, "limits: at least 100000 synapses and 1 to 65536 accumulators\n");
    return 2;
  }
  static const size_t ROWS[] = {60, 500, 2000};
  static const int THREADS[] = {1, 2};
  Work works[2] = {allocate(synapses, accumulators), allocate(synapses, accumulators)};
  for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
    for (int t = 0; t < 2; t++) lay(&works[t], ROWS[r], 17 + (uint64_t)t);
    for (size_t p = 0; p < sizeof PATTERNS / sizeof *PATTERNS; p++)
      for (int prefetch = 0; prefetch < 2; prefetch++)
        for (size_t n = 0; n < sizeof THREADS / sizeof *THREADS; n++) {
          for (int t = 0; t < 2; t++) works[t].prefetch = prefetch;
          double rate = on_threads(THREADS[n], works, PATTERNS[p].pass, seconds);
          printf("{\"what\":\"deliver\",\"pattern\":\"%s\",\"accumulator\":\"%s\",\"row\":%zu,\"prefetch\":%s,\"threads\":%d,"
                 "\"synapses\":%zu,\"accumulators\":%zu,\"eventsPerSecond\":%.4g,\"bytesPerSecond\":%.4g}\n",
                 PATTERNS[p].name, PATTERNS[p].accumulator, ROWS[r], prefetch ? "true" : "false", THREADS[n], synapses,
                 accumulators, rate, rate * PATTERNS[p].bytes);
          fflush(stdout);
        }
  }
  double check = 0;
  for (int t = 0; t < 2; t++)
    for (size_t i = 0; i < accumulators; i++) check += works[t].sums64[i] + works[t].sums32[i];
  fprintf(stderr, "checksum %g\n", check);
  for (size_t n = 0; n < sizeof THREADS / sizeof *THREADS; n++)
    printf("{\"what\":\"triad\",\"threads\":%d,\"bytesPerSecond\":%.4g}\n", THREADS[n],
           24 * on_threads(THREADS[n], works, triad, seconds));
  return 0;
}
