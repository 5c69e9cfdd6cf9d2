/* Replays a native CSV trace through the C ABI and prints the events as JSON lines.
 *
 *   replay pulled|worker|evidence TRACE [CONFIG]
 *
 * pulled: samples are pushed in batches; half-way the state is saved and restored in another session, as when the operating
 * system ends an app. worker: they are posted to a worker, whose listener prints, while another thread asks what is wanted.
 * evidence: prints which crash, how many samples were kept about it, and the first and last one's time. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jounce.h"

enum { BATCH = 64, MOST_SNAPSHOT = 256 * 1024 };

static void must(JounceStatus status, const char *what) {
  if (status != JOUNCE_STATUS_OK) {
    fprintf(stderr, "%s: status %d: %s\n", what, (int)status, jounce_last_error());
    exit(1);
  }
}

static void *must_have(void *memory) {
  if (memory == NULL) {
    fprintf(stderr, "no memory\n");
    exit(1);
  }
  return memory;
}

static char *read_all(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  *length = (size_t)ftell(file);
  rewind(file);
  char *text = must_have(malloc(*length + 1));
  if (fread(text, 1, *length, file) != *length) {
    perror(path);
    exit(1);
  }
  text[*length] = '\0';
  fclose(file);
  return text;
}

/* The next field of the line, which ends at a comma or at the line's end. */
static char *next_field(char **rest) {
  char *field = *rest;
  if (field == NULL) {
    return NULL;
  }
  char *comma = strchr(field, ',');
  *rest = comma == NULL ? NULL : comma + 1;
  if (comma != NULL) {
    *comma = '\0';
  }
  return field;
}

static uint16_t named(const char *name, const char *const *names, uint16_t count) {
  for (uint16_t index = 0; index < count; index++) {
    if (name != NULL && strcmp(name, names[index]) == 0) {
      return index;
    }
  }
  return UINT16_MAX;
}

static const char *const SENSORS[] = {"accel", "gyro", "mag", "gnss", "baro", "hint", "limit", "consent"};
static const char *const ACTIVITIES[] = {"automotive", "cycling", "walking", "running", "still", "unknown"};

static uint16_t hint_code(const char *name, const char *value) {
  if (strcmp(name, "activity") == 0) {
    return (uint16_t)(16 + named(value, ACTIVITIES, 6));
  }
  return (uint16_t)((strcmp(name, "car") == 0 ? 2 : 0) + (strcmp(value, "on") == 0 ? 1 : 0));
}

/* Reads one row; false when it is the header. */
static bool read_row(char *line, JounceSample *sample) {
  char *rest = line;
  char *t_ns = next_field(&rest);
  char *sensor = next_field(&rest);
  *sample = (JounceSample){.size = sizeof *sample, .version = JOUNCE_ABI_VERSION};
  sample->t_ns = strtoll(t_ns, NULL, 10);
  sample->sensor = named(sensor, SENSORS, JOUNCE_SENSORS);
  if (sample->sensor == UINT16_MAX) {
    return false;
  }
  if (sample->sensor == JOUNCE_SENSOR_HINT) {
    char *name = next_field(&rest);
    sample->code = hint_code(name, next_field(&rest));
  } else if (sample->sensor == JOUNCE_SENSOR_LIMIT) {
    char *limit = next_field(&rest);
    sample->code = strcmp(limit, "unknown") == 0 ? 0 : strcmp(limit, "none") == 0 ? 1 : 2;
    sample->values[0] = strtod(limit, NULL) / 3.6;
  } else if (sample->sensor == JOUNCE_SENSOR_CONSENT) {
    sample->code = named(next_field(&rest), SENSORS, JOUNCE_SENSORS);
    sample->values[0] = strtod(next_field(&rest), NULL);
  } else {
    for (int index = 0; index < JOUNCE_VALUES; index++) {
      char *value = next_field(&rest);
      sample->values[index] = value == NULL || *value == '\0' ? NAN : strtod(value, NULL);
    }
  }
  return true;
}

/* Pulls all events that wait: as structures when asked for, to count them; else as lines. */
static void print_events(uint64_t session) {
  for (;;) {
    char lines[4096];
    size_t length = 0;
    JounceStatus status = jounce_next_json(session, lines, sizeof lines, &length);
    if (status == JOUNCE_STATUS_BUFFER_TOO_SMALL) {
      char *longer = must_have(malloc(length));
      must(jounce_next_json(session, longer, length, &length), "next_json");
      fwrite(longer, 1, length, stdout);
      free(longer);
      continue;
    }
    must(status, "next_json");
    if (length == 0) {
      return;
    }
    fwrite(lines, 1, length, stdout);
  }
}

/* Another session that goes on where this one is. */
static uint64_t moved(uint64_t session, const char *config, size_t config_length) {
  uint8_t *state = must_have(malloc(MOST_SNAPSHOT));
  size_t length = 0;
  must(jounce_snapshot(session, state, MOST_SNAPSHOT, &length), "snapshot");
  must(jounce_free(session), "free");
  uint64_t next = 0;
  must(jounce_open(config, config_length, &next), "open");
  must(jounce_restore(next, state, length), "restore");
  free(state);
  return next;
}

/* Reads the next batch of a trace; 0 at its end. */
static size_t next_batch(char **at, JounceSample *batch) {
  size_t filled = 0;
  while (filled < BATCH && **at != '\0') {
    char *line = *at;
    size_t span = strcspn(line, "\n");
    *at = line + span + (line[span] == '\n' ? 1 : 0);
    line[span] = '\0';
    filled += read_row(line, &batch[filled]) ? 1 : 0;
  }
  return filled;
}

/* What is read, and the settings. */
typedef struct Input {
  char *text;
  size_t length;
  char *config;
  size_t config_length;
} Input;

static uint64_t opened(const Input *input) {
  uint64_t session = 0;
  must(jounce_open(input->config, input->config_length, &session), "open");
  return session;
}

static void replay_pulled(const Input *input) {
  uint64_t session = opened(input);
  JounceSample batch[BATCH];
  size_t filled = 0, refused = 0;
  bool has_moved = false;
  char *at = input->text;
  while ((filled = next_batch(&at, batch)) > 0) {
    must(jounce_push_batch(session, batch, filled, &refused), "push_batch");
    print_events(session);
    if (!has_moved && at > input->text + input->length / 2) {
      session = moved(session, input->config, input->config_length);
      has_moved = true;
    }
  }
  must(jounce_flush(session), "flush");
  print_events(session);
  must(jounce_free(session), "free");
  if (jounce_free(session) != JOUNCE_STATUS_INVALID_SESSION) {
    fprintf(stderr, "freed twice\n");
    exit(1);
  }
}

/* What the listener and the asking thread share. */
typedef struct Shared {
  uint64_t session;
  atomic_bool is_over;
  int told;
} Shared;

static void print_one(void *context, const JounceEvent *event, const char *json, size_t length) {
  Shared *shared = context;
  JounceNeeds needs;
  must(jounce_needs(shared->session, &needs, sizeof needs), "needs");
  shared->told += event->size == sizeof *event ? 1 : 0;
  fwrite(json, 1, length, stdout);
  putchar('\n');
}

static void *ask(void *context) {
  Shared *shared = context;
  while (!atomic_load(&shared->is_over)) {
    JounceNeeds needs;
    must(jounce_needs(shared->session, &needs, sizeof needs), "needs");
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  return NULL;
}

static void replay_by_worker(const Input *input) {
  Shared shared = {.session = opened(input)};
  uint64_t worker = 0;
  must(jounce_start(shared.session, 1 << 20, print_one, &shared, &worker), "start");
  pthread_t asking;
  if (pthread_create(&asking, NULL, ask, &shared) != 0) {
    fprintf(stderr, "no thread\n");
    exit(1);
  }
  JounceSample batch[BATCH];
  size_t filled = 0;
  char *at = input->text;
  while ((filled = next_batch(&at, batch)) > 0) {
    must(jounce_post(worker, batch, filled), "post");
  }
  must(jounce_stop(worker), "stop");
  atomic_store(&shared.is_over, true);
  pthread_join(asking, NULL);
  if (shared.told == 0) {
    fprintf(stderr, "nothing was told\n");
    exit(1);
  }
  must(jounce_free(shared.session), "free");
}

static void print_evidence(const Input *input) {
  uint64_t session = opened(input);
  JounceSample batch[BATCH];
  size_t filled = 0;
  char *at = input->text;
  while ((filled = next_batch(&at, batch)) > 0) {
    must(jounce_push_batch(session, batch, filled, NULL), "push_batch");
  }
  must(jounce_flush(session), "flush");
  uint32_t ordinal = 0;
  size_t count = 0;
  while (jounce_take_evidence(session, &ordinal, NULL, sizeof batch[0], 0, &count) == JOUNCE_STATUS_BUFFER_TOO_SMALL) {
    JounceSample *samples = must_have(calloc(count, sizeof *samples));
    must(jounce_take_evidence(session, &ordinal, samples, sizeof *samples, count, &count), "take_evidence");
    printf("%u %zu %lld %lld\n", (unsigned)ordinal, count, (long long)samples[0].t_ns, (long long)samples[count - 1].t_ns);
    free(samples);
  }
  must(jounce_free(session), "free");
}

int main(int count, char **arguments) {
  if (count < 3 || jounce_abi_version() != JOUNCE_ABI_VERSION) {
    fprintf(stderr, "usage: replay pulled|worker|evidence TRACE [CONFIG], with the library of this header\n");
    return 2;
  }
  Input input = {0};
  input.text = read_all(arguments[2], &input.length);
  input.config = count > 3 ? read_all(arguments[3], &input.config_length) : NULL;
  if (strcmp(arguments[1], "worker") == 0) {
    replay_by_worker(&input);
  } else if (strcmp(arguments[1], "evidence") == 0) {
    print_evidence(&input);
  } else {
    replay_pulled(&input);
  }
  free(input.text);
  free(input.config);
  return 0;
}
