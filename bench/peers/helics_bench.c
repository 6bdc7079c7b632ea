/*
 * HELICS's own benchmarks ring, PHOLD and timing, over its C interface (its repository defines them in C++: benchmarks/helics). Compiled by
 * helics_bench.py against the library of HELICS's Python package. Prints one JSON object.
 *
 *   helics_bench ring|phold|timing FEDERATES inproc|zmq|ipc|... single|multi free|restrictive [index]
 *
 * `single`: all federates share one core; `multi`: each has its own, with a broker between them. Each federate is a thread; with `index`, this
 * process is only that federate (0 also runs the broker), and the broker is found at the core type's usual place.
 *
 * ring    a token of 100 bytes is passed around as a published value until 5000 ns: 5000 rounds.
 * phold   16 events a federate; each one received makes one, 10 % for another federate, after 1 ns + exponential (mean 9 ns), until 10 us.
 * timing  FEDERATES leaves around a hub take 5002 steps of 1 ns; nothing is sent. The hub is one federate more.
 *
 * `restrictive` sets HELICS's restrictive time policy, as its ring benchmark does. Its PHOLD runs without; but with it 3.6.1 doesn't hang in
 * one core, where it otherwise sometimes does (all federates wait for a grant).
 *
 * A grant is one return of a time request. The clock runs from all federates' executing mode to the last one's last grant; closing the
 * federation isn't counted.
 */
#define _GNU_SOURCE
#include <helics/helics.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double NS = 1e-9;
enum { MOST = 256, LEAF_STEPS = 5002, EVENTS = 16 };

typedef enum { RING, PHOLD, TIMING } Kind;

typedef struct {
  Kind kind;
  int index, count; /* timing: index `count` is the hub */
  HelicsFederate fed;
  HelicsPublication pub;
  HelicsInput sub;
  HelicsEndpoint endpoint;
  uint64_t random;
  long grants, events;
  double begin, end;
} Member;

static pthread_barrier_t barrier;
static pthread_mutex_t finished_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished_one = PTHREAD_COND_INITIALIZER;
static int finished;
static int restrictive;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Not ru_maxrss: that one remembers the process before exec as well. */
static long peak_bytes(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kib = 0;
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (sscanf(line, "VmHWM: %ld kB", &kib) == 1) break;
  if (status != NULL) fclose(status);
  return kib * 1024;
}

static void check(const HelicsError *error, const char *what) {
  if (error->error_code == 0) return;
  fprintf(stderr, "helics_bench: %s: %s\n", what, error->message);
  exit(1);
}

static double uniform(Member *m) { /* splitmix64, in (0, 1] */
  uint64_t z = (m->random += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return ((double)(z >> 11) + 1.0) * 0x1p-53;
}

static void new_event(Member *m, HelicsError *error) {
  int to = m->index;
  if (m->count > 1 && uniform(m) > 0.9) {
    to = (int)(uniform(m) * (m->count - 1));
    if (to >= m->count - 1) to = m->count - 2;
    if (to == m->index) to = m->count - 1;
  }
  char destination[64];
  snprintf(destination, sizeof destination, "phold_%d/ept", to);
  double at = helicsFederateGetCurrentTime(m->fed, error) + 1 * NS - 9 * NS * log(uniform(m));
  helicsEndpointSendBytesToAt(m->endpoint, "ev", 2, destination, at, error);
}

static void enroll(Member *m, const char *core, HelicsError *error) {
  HelicsFederateInfo info = helicsCreateFederateInfo();
  helicsFederateInfoSetCoreName(info, core, error);
  if (restrictive) helicsFederateInfoSetFlagOption(info, HELICS_FLAG_RESTRICTIVE_TIME_POLICY, HELICS_TRUE, error);
  char name[64], key[64];
  static const char *const NAMES[] = {"ringlink_%d", "phold_%d", "timingleaf_%d"};
  snprintf(name, sizeof name, NAMES[m->kind], m->index);
  m->fed = helicsCreateCombinationFederate(name, info, error);
  check(error, "create federate");
  helicsFederateInfoFree(info);
  if (m->kind == PHOLD) {
    m->endpoint = helicsFederateRegisterEndpoint(m->fed, "ept", "", error);
  } else if (m->kind == RING) {
    snprintf(key, sizeof key, "pub_%d", m->index);
    m->pub = helicsFederateRegisterGlobalPublication(m->fed, key, HELICS_DATA_TYPE_STRING, "", error);
    snprintf(key, sizeof key, "pub_%d", m->index == 0 ? m->count - 1 : m->index - 1);
    m->sub = helicsFederateRegisterSubscription(m->fed, key, "", error);
  } else {
    int hub = m->index == m->count;
    for (int leaf = hub ? 0 : m->index, last = hub ? m->count : m->index + 1; leaf < last; leaf++) {
      snprintf(key, sizeof key, hub ? "leafrx_%d" : "leafsend_%d", leaf);
      helicsFederateRegisterGlobalPublication(m->fed, key, HELICS_DATA_TYPE_STRING, "", error);
      snprintf(key, sizeof key, hub ? "leafsend_%d" : "leafrx_%d", leaf);
      helicsFederateRegisterSubscription(m->fed, key, "", error);
    }
  }
  check(error, "register interfaces");
}

static void ring(Member *m, HelicsError *error) {
  char token[128] = {0};
  int length = 0;
  if (m->index == 0) {
    memset(token, '1', 100);
    helicsPublicationPublishString(m->pub, token, error);
    m->events++;
  }
  for (double time = 10 * NS; time < 5000 * NS;) {
    time = helicsFederateRequestTime(m->fed, 5000 * NS, error);
    m->grants++;
    if (helicsInputIsUpdated(m->sub)) {
      helicsInputGetString(m->sub, token, sizeof token, &length, error);
      helicsPublicationPublishString(m->pub, token, error);
      m->events++;
    }
  }
}

static void phold(Member *m, HelicsError *error) {
  for (double time = 10 * NS; time < 10000 * NS;) {
    time = helicsFederateRequestTime(m->fed, 10000 * NS, error);
    m->grants++;
    while (helicsEndpointHasMessage(m->endpoint)) {
      helicsMessageFree(helicsEndpointGetMessage(m->endpoint));
      m->events++;
      new_event(m, error);
    }
  }
}

static void timing(Member *m, HelicsError *error) {
  if (m->index < m->count) {
    for (; m->grants < LEAF_STEPS; m->grants++) helicsFederateRequestNextStep(m->fed, error);
    return;
  }
  for (double time = 0; time <= 0.1; m->grants++) time = helicsFederateRequestTime(m->fed, 0.15, error);
}

static void *member_main(void *argument) {
  Member *m = argument;
  HelicsError error = helicsErrorInitialize();
  helicsFederateEnterExecutingMode(m->fed, &error);
  check(&error, "enter executing mode");
  if (m->kind == PHOLD)
    for (int i = 0; i < EVENTS; i++) new_event(m, &error);
  pthread_barrier_wait(&barrier);
  m->begin = now();
  if (m->kind == RING) ring(m, &error);
  if (m->kind == PHOLD) phold(m, &error);
  if (m->kind == TIMING) timing(m, &error);
  check(&error, "run");
  m->end = now();
  pthread_mutex_lock(&finished_lock);
  finished++;
  pthread_cond_signal(&finished_one);
  pthread_mutex_unlock(&finished_lock);
  helicsFederateFinalize(m->fed, &error);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "usage: helics_bench ring|phold|timing FEDERATES CORE single|multi free|restrictive [index]\n"), 2;
  Kind kind = strcmp(argv[1], "ring") == 0 ? RING : strcmp(argv[1], "phold") == 0 ? PHOLD : TIMING;
  int count = atoi(argv[2]);
  const char *type = argv[3];
  int single = strcmp(argv[4], "single") == 0;
  restrictive = strcmp(argv[5], "restrictive") == 0;
  int only = argc > 6 ? atoi(argv[6]) : -1;
  int members = count + (kind == TIMING);
  if (count < 1 || members > MOST) return fprintf(stderr, "helics_bench: 1 to %d federates\n", MOST - 1), 2;
  double start = now();
  HelicsError error = helicsErrorInitialize();
  HelicsBroker broker = NULL;
  char init[128];
  if (!single && only <= 0) {
    snprintf(init, sizeof init, "--federates=%d --log_level=no_print", members);
    broker = helicsCreateBroker(type, "", init, &error);
    check(&error, "create broker");
  }
  HelicsCore shared = NULL;
  if (single) {
    snprintf(init, sizeof init, "--autobroker --federates=%d --log_level=no_print", members);
    shared = helicsCreateCore(type, "", init, &error);
    check(&error, "create core");
  }
  static Member all[MOST];
  static pthread_t ids[MOST];
  int first = only < 0 ? 0 : only, last = only < 0 ? members : only + 1;
  for (int i = first; i < last; i++) {
    HelicsCore core = shared;
    if (!single) {
      if (broker != NULL) snprintf(init, sizeof init, "--federates=1 --log_level=no_print --broker=%s", helicsBrokerGetIdentifier(broker));
      else snprintf(init, sizeof init, "--federates=1 --log_level=no_print");
      core = helicsCreateCore(type, "", init, &error);
      check(&error, "create core");
      helicsCoreConnect(core, &error);
      check(&error, "connect core");
    }
    all[i] = (Member){.kind = kind, .index = i, .count = count, .random = 0xABad5eed + 977u * (unsigned)i};
    enroll(&all[i], helicsCoreGetIdentifier(core), &error);
  }
  pthread_barrier_init(&barrier, NULL, (unsigned)(last - first));
  for (int i = first; i < last; i++) pthread_create(&ids[i], NULL, member_main, &all[i]);
  long grants = 0, events = 0;
  double begin = 1e300, end = 0;
  pthread_mutex_lock(&finished_lock);
  while (finished < last - first) pthread_cond_wait(&finished_one, &finished_lock);
  pthread_mutex_unlock(&finished_lock);
  for (int i = first; i < last; i++) {
    if (i < count) grants += all[i].grants; /* the hub's one grant isn't what is counted */
    events += all[i].events;
    if (all[i].begin < begin) begin = all[i].begin;
    if (all[i].end > end) end = all[i].end;
  }
  printf("{\"build\":%.6f,\"simulate\":%.6f,\"grants\":%ld,\"events\":%ld,\"peakMemoryBytes\":%ld}\n", begin - start, end - begin, grants,
         events, peak_bytes());
  fflush(stdout);
  if (only < 0) _exit(0);
  for (int i = first; i < last; i++) pthread_join(ids[i], NULL);
  if (broker != NULL) helicsBrokerWaitForDisconnect(broker, 5000, &error);
  helicsCloseLibrary();
  return 0;
}
